# XGBoost's C++ files are compiled sixteen at a time: they share their headers, which take most of the time, and the
# library comes out the same in three fifths of it. Cargo's build of it reads this by `.cargo/config.toml`.
set(CMAKE_UNITY_BUILD ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 16)
# At -O3 a fit takes as long, and the library a sixth more time to be made.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "Flags of the optimised library")

# XGBoost's C++ files are compiled sixteen at a time: they share their headers, which take most of the time, and the
# library comes out the same in three fifths of it. Cargo's build of it reads this by `.cargo/config.toml`.
set(CMAKE_UNITY_BUILD ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 16)

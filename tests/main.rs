//! The promises of the whole system, one file each, kept against a real Temporal server.

#![expect(clippy::disallowed_methods, reason = "tests wait, measure, and start programs with an environment")]

mod after_a_crash;
mod after_a_server_crash;
mod after_an_upgrade;
mod approval;
mod bad_input;
mod broken_raw_files;
mod cancellation;
mod damage_in_mid_run;
mod damaged_lake;
mod demo;
mod fault_loop;
mod flipped_bits;
mod freshness;
mod half_written;
mod health;
mod leftovers;
mod links_and_obstacles;
mod many_slices;
mod newer_histories;
mod no_champion;
mod nobody_listens;
mod one_server_per_state;
mod own_files_are_safe;
mod poisoned_input;
mod progress;
mod raw_watcher;
mod rejected_challenger;
mod replay;
mod run_limit;
mod same_id;
mod schedule;
mod schedules;
mod side_by_side;
mod stopped_trainer;
mod swapped_inputs;
mod third_attempt;
mod training_job;
mod unchanged_data;
mod which_run_may_speak;
mod whole_run;
mod worker_shutdown;

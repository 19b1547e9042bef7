//! The promises of the whole system, one file each, kept against a real Temporal server.

mod after_a_crash;
mod after_a_server_crash;
mod after_an_upgrade;
mod approval;
mod aws;
mod bad_input;
mod broken_raw_files;
mod cancellation;
mod damaged_lake;
mod demo;
mod flipped_bits;
mod lake_promises;
mod links_and_obstacles;
mod no_champion;
mod progress;
mod rejected_challenger;
mod replay;
mod same_id;
mod schedule;
mod side_by_side;
mod support;
mod swapped_inputs;
mod training_job;
mod unchanged_data;
mod which_run_may_speak;
mod whole_run;

#!/usr/bin/env bash
# Proves the image and the compose file with real containers: `make containers-test`.
# Needs a Docker engine, or root on Debian to install and start one of its own for the time of the test. Elsewhere it
# says that it did not run, and why. What no registry gives is made from Debian's packages under the names that the
# shipped files use; a table says what stands in for what.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../../.." && pwd)
# Where the binaries are, and the installed tools.
target=${CARGO_TARGET_DIR:-$repository/target}
tools=${TOOLS:-$repository/.tools}
binary=$target/debug/spanishgas
harness=$target/debug/examples/sagemaker-harness
work=$(mktemp -d -t spanishgas-containers.XXXXXX)
chmod 0755 "$work"

# shellcheck source=infra/tests/containers/report.sh
source "$here/report.sh"
# shellcheck source=infra/tests/containers/engine.sh
source "$here/engine.sh"
# shellcheck source=infra/tests/containers/images.sh
source "$here/images.sh"
# shellcheck source=infra/tests/containers/compose.sh
source "$here/compose.sh"
# shellcheck source=infra/tests/containers/promises_of_the_image.sh
source "$here/promises_of_the_image.sh"
# shellcheck source=infra/tests/containers/promises_of_the_compose_file.sh
source "$here/promises_of_the_compose_file.sh"
# shellcheck source=infra/tests/containers/promises_of_the_other_ways.sh
source "$here/promises_of_the_other_ways.sh"

clean_up() {
    set +e
    take_down > /dev/null 2>&1
    remove_our_images > /dev/null 2>&1
    stop_engine
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

for file in "$binary" "$harness"; do
    [ -x "$file" ] || { echo "containers-test: $file is not there: build it first (make containers-test does)" >&2; exit 1; }
done
[ -x "$compose" ] || { echo "containers-test: no $compose: make infrastructure-tools installs it" >&2; exit 1; }

promise every_shipped_file_is_valid
promise the_example_of_settings_says_the_defaults_and_the_quick_look
find_engine
make_images

promise the_image_holds_what_it_says_and_runs_as_nobody
promise certificates_are_renewed_in_time_or_the_failure_is_loud
promise one_command_ends_in_a_promoted_model
promise the_dashboard_asks_who_comes_and_shows_the_run
promise a_second_up_invents_nothing_and_answers_from_what_is_there
promise a_training_container_needs_no_network_no_root_and_no_writable_root
promise a_training_container_that_may_not_write_says_so_before_it_trains
promise the_training_target_writes_where_only_root_may
promise the_time_zone_changes_no_byte_of_a_model
promise three_workers_share_the_slices_of_a_run
promise a_run_ends_though_its_worker_is_killed
promise a_worker_ends_well_when_it_is_told_to_stop
promise the_health_check_is_red_without_temporal_and_green_again_after
promise the_other_images_are_built
promise down_of_the_first_way_leaves_nothing
promise the_way_of_the_emulators_ends_in_a_promoted_model
promise the_way_of_production_speaks_tls_both_ways
promise the_operator_of_production_gets_to_the_nightly_run_and_its_alert
promise a_nightly_run_of_production_is_approved_and_promotes_its_model
promise certificates_of_production_are_renewed_while_it_runs
promise the_lake_of_production_is_packed_and_comes_back
promise down_leaves_nothing
report

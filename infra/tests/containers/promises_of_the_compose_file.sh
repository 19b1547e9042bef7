# shellcheck shell=bash
# What `docker compose up` promises. They go one after the other, on one project.
here=${here:?} work=${work:?} project=${project:?}

one_command_ends_in_a_promoted_model() {
    compose up --detach
    ends_well first-run | tee "$work/first-run"
    grep -q '^NOTE: the gate of this settings folder asks for PR-AUC >= 0.30' "$work/first-run"
    grep -q '^PROMOTED: ' "$work/first-run"
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$(container worker)")" = healthy ]
    # They were there before the first run set one.
    docker logs "$(container worker)" 2>&1 | grep 'registered search attributes attributes=ChurnMode'
    local unsafe
    unsafe=$(docker ps --format '{{.Ports}}' --filter "label=com.docker.compose.project=$project" | tr , '\n' \
        | grep -e '->' | grep -v '127\.0\.0\.1:' || true)
    [ -z "$unsafe" ] || fail "ports are open to others: $unsafe"
    figure "$(grep '^model ' "$work/first-run" | tr -s ' ')"
}

# It came up with all the rest; the tokens are made once, and stand nowhere else.
the_dashboard_asks_who_comes_and_shows_the_run() {
    local dashboard before
    dashboard=$(container dashboard)
    await "the dashboard is healthy" 120 dashboard_is_healthy
    (umask 077 && docker exec "$dashboard" cat /tokens/viewer > "$work/viewer")
    python3 "$here/dashboard.py" "http://localhost:${DASHBOARD_PORT:?}" "$work/viewer" "$(run_that_is_published)"
    if docker inspect "$dashboard" | grep --quiet --fixed-strings --file="$work/viewer"; then fail "docker inspect shows the token"; fi
    if docker logs "$dashboard" 2>&1 | grep --quiet --fixed-strings --file="$work/viewer"; then fail "the log shows the token"; fi
    before=$(docker exec "$dashboard" sha256sum /tokens/viewer /tokens/operator)
    compose run --rm --no-deps dashboard-tokens
    [ "$before" = "$(docker exec "$dashboard" sha256sum /tokens/viewer /tokens/operator)" ] || fail "a second start makes other tokens"
}

dashboard_is_healthy() {
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$(container dashboard)")" = healthy ]
}

run_that_is_published() {
    docker exec "$(container worker)" cat /data/scored/latest.json | python3 -c 'import json, sys; print(json.load(sys.stdin)["run_id"])'
}

a_second_up_invents_nothing_and_answers_from_what_is_there() {
    local before after
    before=$(docker exec "$(container worker)" sha256sum /data/raw/consumption_hourly_2024.parquet)
    compose up --detach
    ends_well data 2>&1 | tail -n 1 | grep 'nothing is invented'
    ends_well first-run | tee "$work/second-run"
    after=$(docker exec "$(container worker)" sha256sum /data/raw/consumption_hourly_2024.parquet)
    [ "$before" = "$after" ] || fail "the raw files are others now"
}

three_workers_share_the_slices_of_a_run() {
    SETTINGS=$here/settings compose up --detach --wait --scale worker=3 worker
    start_run shared
    await "the run ends" 600 has_ended shared
    is_completed shared
    history_of shared > "$work/shared"
    local workers
    workers=$(awk '$1 == "aggregate_slice" { print $3 }' "$work/shared" | sort | uniq --count)
    echo "$workers"
    [ "$(wc -l <<< "$workers")" = 3 ] || fail "the slices were summed by: $workers"
    figure "slices by worker: $(awk '{ printf "%s ", $1 }' <<< "$workers")"
}

# What `docker kill` has ended, no restart policy starts again: the others go on.
a_run_ends_though_its_worker_is_killed() {
    start_run bereaved
    local identity
    identity=$(await_trainer bereaved)
    docker kill "${identity#*@}"
    local from=$SECONDS
    await "the run ends" 600 has_ended bereaved
    is_completed bereaved
    history_of bereaved > "$work/bereaved"
    grep train_model "$work/bereaved"
    awk -v dead="$identity" '$1 == "train_model" && $2 > 1 && $3 != dead { found = 1 } END { exit !found }' "$work/bereaved" \
        || fail "no other worker than $identity has trained"
    figure "killed while it trained; the run ended $((SECONDS - from)) s later (a lost heartbeat is noticed after 30 s)"
    # And the operator brings it back.
    SETTINGS=$here/settings compose up --detach --wait --scale worker=3 worker
    [ "$(docker ps --quiet --filter "label=com.docker.compose.service=worker" | wc -l)" = 3 ]
}

a_worker_ends_well_when_it_is_told_to_stop() {
    local worker from
    worker=$(container worker 2)
    [ "$(docker exec "$worker" cat /proc/1/comm)" = spanishgas ] || fail "PID 1 is not the program"
    start_run interrupted
    local identity
    identity=$(await_trainer interrupted)
    worker=${identity#*@}
    from=$SECONDS
    docker stop --time 40 "$worker"
    [ "$(docker inspect --format '{{.State.ExitCode}}' "$worker")" = 0 ] || fail "exit code $(docker inspect --format '{{.State.ExitCode}}' "$worker")"
    # Within the time of the compose file; Docker kills what takes longer, and that is another code.
    [ $((SECONDS - from)) -le 40 ] || fail "it took $((SECONDS - from)) s"
    figure "told to stop while it trained: exit code 0 after $((SECONDS - from)) s"
    await "the run ends" 600 has_ended interrupted
    is_completed interrupted
}

# With the image's own check, looked at more often.
the_health_check_is_red_without_temporal_and_green_again_after() {
    docker run --detach --name "$project-checked" --network "${project}_default" --health-interval 1s --health-retries 1 \
        --label "com.docker.compose.project=$project" --env TEMPORAL_ADDRESS=temporal:7233 \
        --env SPANISHGAS_TASK_QUEUE=checked "$SPANISHGAS_IMAGE" worker
    local from=$SECONDS
    await "the worker is healthy" 180 health_is healthy
    figure "a worker is healthy $((SECONDS - from)) s after its start"
    # Another queue has no worker here, though this one has.
    if docker exec --env SPANISHGAS_TASK_QUEUE=nobody "$project-checked" spanishgas health worker; then fail "nobody listens"; fi
    compose stop temporal
    local code=0
    docker exec "$project-checked" spanishgas health worker || code=$?
    [ "$code" = 1 ] || fail "health worker ended with code $code though Temporal is gone"
    await "the worker is unhealthy" 180 health_is unhealthy
    compose start temporal
    await "the worker is healthy again" 180 health_is healthy
    docker rm --force --volumes "$project-checked"
}

health_is() { # status
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$project-checked")" = "$1" ]
}

start_run() { # name
    temporal_cli workflow start --type ChurnPipeline --task-queue spanishgas --workflow-id "$1" --input '{"mode":"train","force":true}'
}

description() { # name
    temporal_cli workflow describe --workflow-id "$1" --output json
}

# Whatever way the CLI writes it: WORKFLOW_EXECUTION_STATUS_COMPLETED, COMPLETED, Completed.
status() { # name
    description "$1" | python3 -c '
import json, sys
print(json.load(sys.stdin)["workflowExecutionInfo"]["status"].upper().rsplit("_", 1)[-1])'
}

has_ended() { # name
    local status
    status=$(status "$1")
    [ -n "$status" ] && [ "$status" != RUNNING ]
}

is_completed() { # name
    [ "$(status "$1")" = COMPLETED ] || { temporal_cli workflow result --workflow-id "$1"; fail "the run $1 did not end well"; }
}

history_of() { # name
    temporal_cli workflow show --workflow-id "$1" --output json | python3 "$here/history.py"
}

# Asked once more, it may have ended: the answer that is awaited is the one that counts.
await_trainer() { # name
    local until=$((SECONDS + 180))
    until trains "$1"; do
        [ "$SECONDS" -lt "$until" ] || fail "nobody trains in the run $1: not within the time"
        sleep 0.2
    done
}

# Which worker trains, once it has begun.
trains() { # name
    description "$1" | python3 -c '
import json, sys
for activity in json.load(sys.stdin).get("pendingActivities", []):
    if activity["activityType"]["name"] == "train_model" and activity.get("lastHeartbeatTime"):
        print(activity["lastWorkerIdentity"])
        sys.exit()
sys.exit(1)'
}

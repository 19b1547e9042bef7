#!/usr/bin/env bash
# Tries the module temporal/password, applies the unchanged environment dev to an emulator, runs the pipeline in what Terraform made, with its outputs as the
# settings, looks whether a second plan is empty, and destroys all. `make terraform-apply-test`.
#
# Who plays AWS: moto (tests/apply/emulator.py fills its gaps), ministack for CloudWatch's metrics, whose protocol moto
# does not speak, and the harness of the tests for SageMaker's training jobs. Temporal is a dev server: the one that
# Terraform defines is containers on ECS, which no emulator runs.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../../../.." && pwd)
# shellcheck source=infra/terraform/tests/terraform.sh
source "$here/../terraform.sh"

target=${CARGO_TARGET_DIR:-$repository/target}
program=${SPANISHGAS:-$target/debug/spanishgas}
harness=${SAGEMAKER_HARNESS:-$target/debug/examples/sagemaker-harness}
moto_server=${MOTO_SERVER:-moto_server}
ministack=${MINISTACK:-ministack}
temporal=${TEMPORAL_CLI:-temporal}
customers=${CUSTOMERS:-2000}

passed=0
summed_up=no
started=()
work=
step_started=$SECONDS

begin() { # what
    step_started=$SECONDS
    echo "== $1"
}

pass() { # what
    passed=$((passed + 1))
    echo "ok    $1 ($((SECONDS - step_started)) s)"
}

fail() { # what, log
    echo "FAILED $1" >&2
    if [ -n "${2:-}" ] && [ -f "$2" ]; then
        echo "the end of $2:" >&2
        tail -n 40 "$2" >&2
    fi
    # An error of the emulator's own looks like one of AWS from here.
    if grep -q Traceback "$work/moto.log" 2> /dev/null; then
        echo "the last error inside moto:" >&2
        tac "$work/moto.log" | grep -v '" 200 -$' | sed '/Traceback/q' | tac | tail -n 30 >&2
    fi
    echo "$passed passed, 1 failed, 0 skipped"
    summed_up=yes
    exit 1
}

skip_loudly() { # why
    ! terraform_is_required || fail "terraform-apply-test must run here (TERRAFORM_REQUIRED=yes): $1"
    echo "SKIPPED terraform-apply-test: $1"
    echo "NOT CHECKED: that the environment dev can be applied and destroyed, that the pipeline runs in it with Terraform's"
    echo "NOT CHECKED: outputs as its settings, and that a second plan is empty"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}

require() { # program, how to get it
    command -v "$1" > /dev/null || fail "$1 is not there: $2"
}

start() { # name, command...
    local name=$1
    shift
    # A process group of its own, so that it ends with all that it started.
    setsid "$@" < /dev/null > "$work/$name.log" 2>&1 &
    started+=("$!")
}

stop() { # process groups
    local pid
    for pid in "$@"; do
        kill -TERM -- "-$pid" 2> /dev/null || true
    done
    for pid in "$@"; do
        for _ in $(seq 100); do
            kill -0 -- "-$pid" 2> /dev/null || break
            sleep 0.1
        done
        kill -KILL -- "-$pid" 2> /dev/null || true
    done
}

clean_up() {
    local code=$?
    # What `set -e` ends has said why above.
    [ "$code" = 0 ] || [ "$summed_up" = yes ] || echo "$passed passed, 1 failed, 0 skipped"
    # All that still runs; what was stopped before is gone.
    stop "${started[@]}"
    if [ "${KEEP:-no}" = yes ]; then
        echo "kept: $work"
    elif [ -n "$work" ]; then
        rm -rf "$work"
    fi
}

await() { # what, seconds, log, command...
    local what=$1 secs=$2 log=$3
    shift 3
    local end=$((SECONDS + secs))
    until "$@" > /dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || fail "$what was not ready within $secs s" "$log"
        sleep 0.2
    done
}

answers() { # url
    "$python" -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)' "$1"
}

listens() { # port
    (exec 3<> "/dev/tcp/127.0.0.1/$1")
}

free_ports() { # count
    "$python" - "$1" << 'PYTHON'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in sockets])
PYTHON
}

output() { # name
    "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]]["value"])' "$work/outputs.json" "$1"
}

# All of Terraform's AWS is moto, whatever the pipeline talks to.
in_dev() { # terraform's arguments
    env -u AWS_ENDPOINT_URL_SAGEMAKER -u AWS_ENDPOINT_URL_CLOUDWATCH timeout 900 terraform -chdir="$dev" "$@"
}

prepare() {
    local why
    why=$(why_no_terraform)
    [ -z "$why" ] || skip_loudly "$why"
    require "$moto_server" "make emulators"
    require "$ministack" "make emulators"
    require "$temporal" "make tools"
    require "$program" "make build"
    require "$harness" "cargo build --workspace --bins --examples"
    # moto's own Python: it has boto3, too.
    python=$(dirname "$(readlink -f "$(command -v "$moto_server")")")/python3
    work=$(mktemp -d "${TMPDIR:-/tmp}/terraform-apply.XXXXXX")
    trap clean_up EXIT
    configure_terraform "$work"
    copy_tree "$repository" "$work"
    dev=$work/infra/terraform/environments/dev
    password=$work/infra/terraform/tests/apply/password
    read -r moto_port ministack_port harness_port temporal_port ui_port <<< "$(free_ports 5)"
}

start_account() {
    begin "the account: moto on $moto_port, ministack on $ministack_port"
    echo "what moto leaves out and is added:"
    "$python" "$here/emulator.py" --gaps | sed 's/^/  /'
    start moto "$python" "$here/emulator.py" -H 127.0.0.1 -p "$moto_port"
    start ministack env BIND_HOST=127.0.0.1 GATEWAY_PORT="$ministack_port" "$ministack"
    await moto 60 "$work/moto.log" answers "http://127.0.0.1:$moto_port/moto-api/data.json"
    await ministack 60 "$work/ministack.log" answers "http://127.0.0.1:$ministack_port/_ministack/health"
    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
    export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
    export AWS_ENDPOINT_URL="http://127.0.0.1:$moto_port"
    pass "the account answers"
}

in_password() { # terraform's arguments
    timeout 300 terraform -chdir="$password" "$@"
}

apply_password() { # version; what it made is told apart by a digest in password.digest
    in_password apply -auto-approve -input=false -no-color -var "password_version=$1" > "$work/password.log" 2>&1 \
        || fail "terraform apply of temporal/password" "$work/password.log"
    in_password output -json > "$work/password.json"
    "$python" "$here/account.py" password "$work/password.json" "$password/terraform.tfstate" "$work/password.digest" \
        || fail "the password" "$work/password.log"
}

# The one module that has no test of its own: `terraform test` cannot run what has an ephemeral output.
try_password() {
    begin "temporal/password: its secret and its user have the same, Terraform keeps it nowhere"
    local first second third
    in_password init -input=false -no-color > "$work/password.log" 2>&1 || fail "terraform init" "$work/password.log"
    apply_password 1
    first=$(cat "$work/password.digest")
    apply_password 1
    second=$(cat "$work/password.digest")
    apply_password 2
    third=$(cat "$work/password.digest")
    [ "$first" = "$second" ] || fail "a second apply made another password"
    [ "$second" != "$third" ] || fail "a higher password_version made no other password"
    in_password destroy -auto-approve -input=false -no-color -var password_version=2 > "$work/password.log" 2>&1 \
        || fail "terraform destroy of temporal/password" "$work/password.log"
    pass "made once, kept by a second apply, another one by a higher version"
}

# All that is not the environment's own: where AWS is, and where the state lies.
override() {
    cat > "$dev/emulator_override.tf" << 'HCL'
terraform {
  backend "local" {}
}

provider "aws" {
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  max_retries                 = 2
}
HCL
    echo "the override:"
    sed 's/^/  /' "$dev/emulator_override.tf"
}

apply() {
    begin "terraform apply of the unchanged environment dev"
    override
    export TF_VAR_emails='["retention@example.com"]'
    TF_VAR_image_digest=sha256:$(sha256sum "$program" | cut -d' ' -f1)
    export TF_VAR_image_digest
    in_dev init -input=false -no-color > "$work/init.log" 2>&1 || fail "terraform init" "$work/init.log"
    in_dev apply -auto-approve -input=false -no-color > "$work/apply.log" 2>&1 \
        || fail "terraform apply" "$work/apply.log"
    resources=$(in_dev state list | grep -vcE '(^|\.)(data|ephemeral)\.' || true)
    in_dev output -json > "$work/outputs.json"
    in_dev show -json > "$work/state.json"
    # Neither password nor key may be there; a managed password would be.
    if grep -Eq '"(password|secret_string)": *"[^"]' <(in_dev show -json | "$python" -m json.tool); then
        fail "the state holds a secret in the clear"
    fi
    pass "$resources resources made; no secret in the state"
}

write_settings() {
    begin "the settings: Terraform's outputs, and a floor for a small demo"
    mkdir "$work/settings" "$work/broken" "$work/floor"
    output aws_yaml > "$work/settings/aws.yaml"
    sed 's/^\( *pr_auc_floor:\) .*/\1 0.30/' "$repository/configs/model.yaml" > "$work/floor/model.yaml"
    sed 's/^/  /' "$work/settings/aws.yaml"
    echo "aws.yaml is as Terraform wrote it. The one deviation: pr_auc_floor of model.yaml is 0.30, as in a demo of this size"
    export SPANISHGAS_PROFILE=aws SPANISHGAS_LAKE
    SPANISHGAS_LAKE=$(output lake_url)
    "$program" config check --config "$work/settings" > "$work/check.log" 2>&1 || fail "spanishgas config check refuses Terraform's aws_yaml" "$work/check.log"
    # The check can fail: a key that the program does not know.
    { cat "$work/settings/aws.yaml"; printf '"bucket": "x"\n'; } > "$work/broken/aws.yaml"
    if "$program" config check --config "$work/broken" > "$work/broken.log" 2>&1; then
        fail "spanishgas config check takes a key that does not exist" "$work/broken.log"
    fi
    # From here on as in the container: the settings as a text.
    export SPANISHGAS_CONFIG="$work/floor" SPANISHGAS_AWS_YAML
    SPANISHGAS_AWS_YAML=$(output aws_yaml)
    pass "spanishgas config check takes aws_yaml as it is, and refuses it with one key too many"
}

# It is a note and no failure that nobody listens: here somebody must.
connect() {
    "$program" config check --connect > "$work/connect.log" 2>&1 && grep -q "a worker listens" "$work/connect.log"
}

start_pipeline() {
    begin "the pipeline: $customers customers, Temporal on $temporal_port, a worker"
    "$program" generate-data --customers "$customers" --out "$work/raw" > "$work/generate.log" 2>&1 \
        || fail "spanishgas generate-data" "$work/generate.log"
    "$python" "$here/account.py" upload "$work/raw" "$SPANISHGAS_LAKE" || fail "the upload of the raw files"
    start harness "$harness" --listen "127.0.0.1:$harness_port" --moto "$AWS_ENDPOINT_URL" --s3 "$AWS_ENDPOINT_URL" --program "$program"
    start temporal "$program" dev-server --state "$work/temporal" --port "$temporal_port" --ui-port "$ui_port" --temporal-cli "$(command -v "$temporal")"
    await "the harness of SageMaker" 30 "$work/harness.log" listens "$harness_port"
    await "Temporal" 60 "$work/temporal.log" grep -q "dev server is ready" "$work/temporal.log"
    export AWS_ENDPOINT_URL_SAGEMAKER="http://127.0.0.1:$harness_port" AWS_ENDPOINT_URL_CLOUDWATCH="http://127.0.0.1:$ministack_port"
    export TEMPORAL_ADDRESS="127.0.0.1:$temporal_port" TEMPORAL_NAMESPACE=default
    start worker "$program" worker --scratch "$work/scratch"
    await "the worker" 90 "$work/worker.log" grep -q "worker started" "$work/worker.log"
    await "a worker that config check --connect finds" 60 "$work/connect.log" connect
    sed 's/^/  /' "$work/connect.log"
    pass "config check --connect finds bucket, topic, group, raw files and the worker"
}

run_pipeline() {
    begin "spanishgas run --mode train"
    queue=$("$python" "$here/account.py" listen "$(output alert_topic_arn)")
    timeout 600 "$program" run --mode train > "$work/run.log" 2>&1 || fail "spanishgas run --mode train" "$work/run.log"
    grep -q "^PROMOTED" "$work/run.log" || fail "the run ended without a champion" "$work/run.log"
    sed -n 's/^\(PROMOTED.*\|run  .*\|model  .*\)/  \1/p' "$work/run.log"
    pass "a model is champion"

    begin "a run that must fail: no raw files there"
    if timeout 300 "$program" run --mode train --raw-prefix nothing-here --workflow-id must-fail > "$work/failed.log" 2>&1; then
        fail "a run without raw files ended well" "$work/failed.log"
    fi
    "$python" "$here/account.py" letters "$queue" fail || fail "the alert of a failed run" "$work/worker.log"
    pass "its alert came through Terraform's topic"

    begin "a look at the promise of the morning, which an alarm watches"
    timeout 120 "$temporal" workflow execute --type Freshness --task-queue spanishgas --workflow-id a-look --input '{"by":"00:00"}' \
        > "$work/freshness.log" 2>&1 || fail "a look at the freshness of the scores" "$work/freshness.log"
    pass "it is published whether the scores are late"

    begin "what the runs left, where Terraform's outputs say"
    "$python" "$here/account.py" look "$work/outputs.json" "$work/state.json" || fail "something is elsewhere" "$work/worker.log"
    pass "lake, key, registry, training job, subscription, metrics, alarms"
}

# As before a teardown: nobody writes to the lake any more. The account stays: it was started first.
stop_pipeline() {
    stop "${started[@]:2}"
    started=("${started[@]:0:2}")
}

plan_again() {
    begin "a second plan"
    local code=0
    in_dev plan -detailed-exitcode -input=false -no-color -out="$work/second.plan" > "$work/plan.log" 2>&1 || code=$?
    [ "$code" = 0 ] || [ "$code" = 2 ] || fail "terraform plan" "$work/plan.log"
    in_dev show -json "$work/second.plan" > "$work/second.json"
    "$python" "$here/differences.py" "$work/second.json" "$here/expected-differences.txt" || fail "the second plan" "$work/plan.log"
    pass "a second plan changes nothing but what the emulator forgets (exit code $code)"
}

destroy() {
    begin "terraform destroy"
    # The harness is stopped by now: moto itself is asked.
    unset AWS_ENDPOINT_URL_SAGEMAKER
    "$python" "$here/account.py" clear "$(output model_package_group)" || fail "the model packages"
    in_dev destroy -auto-approve -input=false -no-color > "$work/destroy.log" 2>&1 \
        || fail "terraform destroy" "$work/destroy.log"
    [ -z "$(in_dev state list)" ] || fail "the state is not empty after destroy" "$work/destroy.log"
    "$python" "$here/account.py" gone "$work/outputs.json" || fail "something is left in the account" "$work/destroy.log"
    pass "nothing is left"
}

prepare
start_account
try_password
apply
write_settings
start_pipeline
run_pipeline
stop_pipeline
plan_again
destroy
echo "$resources resources, $SECONDS s in all"
echo "$passed passed, 0 failed, 0 skipped"

#!/usr/bin/env bash
# From a DigitalOcean account to a cluster that the application can be deployed to. Safe to repeat: what is there stays.
#
#   setup-doks.sh account|dev|staging|prod --state-bucket NAME [options]
#
#   account               once, before the others: registry and domain
#   --state-bucket NAME   the bucket in Spaces that keeps Terraform's state; made where it is missing
#   --state-region NAME   its region (default: fra1)
#   --var-file FILE       Terraform's variables; deploy/terraform/example.tfvars shows which
#   --namespace NAME      where the application goes (default: todo)
#   --recipient KEY       whom nightly backups are encrypted for: the public key of age-keygen. Makes the Secret todo-backup
#   --issuer-email MAIL   make the ClusterIssuer letsencrypt, which tells this address of trouble
#   --terraform-platform  install the platform by Terraform instead of leaving it to the three install scripts
#   --dry-run, --yes      show every command of a first run; do not ask before Terraform changes something
#
# Environment: DIGITALOCEAN_TOKEN, SPACES_ACCESS_KEY_ID, SPACES_SECRET_ACCESS_KEY. Nothing secret is printed or written to disk.
# shellcheck source=deploy/scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

environment="" bucket="" region=fra1 var_file="" namespace=todo email="" recipient="" platform=""
while [ $# -gt 0 ]; do
  case $1 in
    account | dev | staging | prod) environment=$1 ;;
    --state-bucket) bucket=$(value "$@"); shift ;;
    --state-region) region=$(value "$@"); shift ;;
    --var-file) var_file=$(realpath "$(value "$@")"); shift ;;
    --namespace) namespace=$(value "$@"); shift ;;
    --recipient) recipient=$(value "$@"); shift ;;
    --issuer-email) email=$(value "$@"); shift ;;
    --terraform-platform) platform=yes ;;
    *) common_option "$1" || wrong_usage "unknown: $1" ;;
  esac
  shift
done
[ -n "$environment" ] || wrong_usage "which one? account, dev, staging or prod"
[ -n "$bucket" ] || wrong_usage "--state-bucket is missing"

endpoint=https://$region.digitaloceanspaces.com
root=$ROOT/deploy/terraform/environments/$environment
[ "$environment" != account ] || root=$ROOT/deploy/terraform/account

check_environment() {
  local name
  for name in DIGITALOCEAN_TOKEN SPACES_ACCESS_KEY_ID SPACES_SECRET_ACCESS_KEY; do
    [ -n "$DRY_RUN${!name:-}" ] || fail "$name is not set"
  done
  # Terraform's backend and the AWS CLI know the same keys by these names.
  export AWS_ACCESS_KEY_ID=${SPACES_ACCESS_KEY_ID:-} AWS_SECRET_ACCESS_KEY=${SPACES_SECRET_ACCESS_KEY:-} AWS_DEFAULT_REGION=us-east-1
}

spaces=(aws --endpoint-url "$endpoint" s3api)

make_state_bucket() {
  asks "${spaces[@]}" head-bucket --bucket "$bucket" && return
  run "${spaces[@]}" create-bucket --bucket "$bucket" --acl private
  run "${spaces[@]}" put-bucket-versioning --bucket "$bucket" --versioning-configuration Status=Enabled
}

# Terraform's lock is an object that may be written only where there is none. Where Spaces would let a second one through, two people
# could change the state at once without noticing.
prove_that_locks_hold() {
  local key=lock-proof-$RANDOM
  run "${spaces[@]}" put-object --bucket "$bucket" --key "$key" --if-none-match '*'
  if [ -z "$DRY_RUN" ] && "${spaces[@]}" put-object --bucket "$bucket" --key "$key" --if-none-match '*' > /dev/null 2>&1; then
    "${spaces[@]}" delete-object --bucket "$bucket" --key "$key"
    fail "$endpoint lets a second writer past a lock. Keep the state elsewhere, or run Terraform from one place only."
  fi
  run "${spaces[@]}" delete-object --bucket "$bucket" --key "$key"
}

# initialise FOLDER FURTHER…: connects a root with its state.
initialise() {
  local folder=$1
  shift
  run terraform -chdir="$folder" init -input=false -reconfigure -backend-config="bucket=$bucket" \
    -backend-config="endpoints={s3=\"$endpoint\"}" "$@"
}

# apply FOLDER FURTHER…: plans, shows, asks, and does what was shown.
apply() {
  local folder=$1
  shift
  run terraform -chdir="$folder" plan -input=false -out=plan.tfplan "$@"
  agree "Carry out this plan?"
  run terraform -chdir="$folder" apply -input=false plan.tfplan
  run rm -f "$folder/plan.tfplan"
}

output() { terraform -chdir="$root" output "$@"; }

# name_of_cluster: known before Terraform ran, so that a dry run can name it.
name_of_cluster() { if [ -n "$DRY_RUN" ]; then echo "todo-$environment"; else output -raw cluster; fi; }

write_values() {
  local values=$VALUES_FOLDER/$environment.values.json
  say "+ terraform output -json chart_values > $values"
  [ -z "$DRY_RUN" ] || return 0
  mkdir -p "$(dirname "$values")"
  output -json chart_values > "$values"
}

# The application's pods may do nothing special, and what asks for more is refused.
make_namespace() {
  asks kubectl get namespace "$namespace" || run kubectl create namespace "$namespace"
  run kubectl label --overwrite namespace "$namespace" pod-security.kubernetes.io/enforce=restricted
}

# open_database: since PostgreSQL 15 only a database's owner may make tables in it, unless others are allowed to. Runs in the cluster,
# which alone can reach the database; the address with its password goes through a pipe.
open_database() {
  local pod='{"spec":{"securityContext":{"runAsNonRoot":true,"runAsUser":70,"seccompProfile":{"type":"RuntimeDefault"}},
    "containers":[{"name":"open-database","image":"postgres:17-alpine","stdin":true,"stdinOnce":true,
    "command":["sh","-c","read -r url && exec psql \"$url\" --command \"GRANT CREATE ON DATABASE todo TO todo\" --command \"GRANT ALL ON SCHEMA public TO todo\""],
    "securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}'
  shown kubectl --namespace "$namespace" run open-database --image=postgres:17-alpine --restart=Never --rm --stdin --quiet
  [ -n "$DRY_RUN" ] || output -raw owner_url | sed 's/$/\n/' |
    kubectl --namespace "$namespace" run open-database --image=postgres:17-alpine --restart=Never --rm --stdin --quiet --overrides "$pod"
}

new_key() { openssl rand -base64 48 | tr -d '\n/+='; }

# The keys are made here, once, and nowhere else: a Secret that is there is left alone.
secret_manifest() {
  local password
  password=$(new_key)
  output -json secret_settings | jq --arg namespace "$namespace" --arg key "$(new_key)" --arg app "$(new_key)" --arg dapr "$(new_key)" \
    --arg password "$password" '{
      apiVersion: "v1", kind: "Secret", metadata: {name: "todo", namespace: $namespace}, type: "Opaque",
      stringData: ({SECRET_KEY: $key, APP_API_TOKEN: $app, DAPR_API_TOKEN: $dapr, REDIS_PASSWORD: $password,
        REDIS_URL: "redis://:\($password)@todo-app-redis:6379/0"} + .)}'
}

make_secret() {
  if asks kubectl --namespace "$namespace" get secret todo; then
    say "The Secret todo is there and stays as it is."
    return
  fi
  shown kubectl create --filename -
  [ -n "$DRY_RUN" ] || secret_manifest | kubectl create --filename -
}

backup_manifest() {
  local target address
  target=$(output -raw backup_bucket)
  address=$(output -raw backup_endpoint)
  output -json backup_credentials | jq --arg namespace "$namespace" --arg recipient "$recipient" --arg bucket "$target" \
    --arg endpoint "$address" '{
      apiVersion: "v1", kind: "Secret", metadata: {name: "todo-backup", namespace: $namespace}, type: "Opaque",
      stringData: (. + {AWS_DEFAULT_REGION: "us-east-1", S3_ENDPOINT: $endpoint, BUCKET: $bucket, RECIPIENT: $recipient})}'
}

make_backup_secret() {
  shown kubectl apply --server-side --filename -
  [ -n "$DRY_RUN" ] || backup_manifest | kubectl apply --server-side --filename -
}

make_issuer() {
  local gateway='{"name": "todo-app", "namespace": $namespace, "kind": "Gateway"}'
  shown kubectl apply --server-side --filename -
  [ -n "$DRY_RUN" ] || jq -n --arg email "$email" --arg namespace "$namespace" '{
      apiVersion: "cert-manager.io/v1", kind: "ClusterIssuer", metadata: {name: "letsencrypt"},
      spec: {acme: {server: "https://acme-v02.api.letsencrypt.org/directory", email: $email,
        privateKeySecretRef: {name: "letsencrypt-account"},
        solvers: [{http01: {gatewayHTTPRoute: {parentRefs: ['"$gateway"']}}}]}}}' | kubectl apply --server-side --filename -
}

set_up_platform() {
  local folder=$ROOT/deploy/terraform/platform
  if [ -n "$platform" ]; then
    initialise "$folder" -backend-config="key=todo/$environment-platform.tfstate"
    apply "$folder" -var "cluster=$(name_of_cluster)"
  else
    install_chart cert-manager
    install_chart keda
  fi
  if [ -n "$email" ]; then make_issuer; fi
}

need terraform aws
check_environment
make_state_bucket
prove_that_locks_hold
initialise "$root"
apply "$root" ${var_file:+-var-file="$var_file"}
if [ "$environment" = account ]; then
  say "Next: $0 dev --state-bucket $bucket --var-file …, with repository = \"$([ -n "$DRY_RUN" ] || output -raw repository)\""
  exit 0
fi
need doctl openssl
run doctl kubernetes cluster kubeconfig save "$(name_of_cluster)"
need_cluster
write_values
make_namespace
open_database
make_secret
if [ -n "$recipient" ]; then make_backup_secret; fi
set_up_platform
say "The cluster is ready. Next: $([ -n "$platform" ] || echo 'install-kafka.sh, install-dapr.sh, setup-monitoring.sh, then ')deploy.sh $environment"

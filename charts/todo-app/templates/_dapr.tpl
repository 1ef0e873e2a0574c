{{/* The sidecars: their annotations, and the resources of files/dapr with what this installation changes in them. */}}

{{/* Takes root and role. */}}
{{- define "todo.daprAnnotations" -}}
{{- $dapr := .root.Values.dapr -}}
{{- $secret := .root.Values.secret.name -}}
{{- /* As on one machine: collecting less often halves what comes late. Near its limit it collects as often as it must. */ -}}
{{- $environment := list "GOGC=400" (printf "GOMEMLIMIT=%s" (include "todo.goMemoryLimit" $dapr.resources.limits.memory)) -}}
{{- $fromSecret := list (printf "DAPR_API_TOKEN=%s:DAPR_API_TOKEN" $secret) (printf "APP_API_TOKEN=%s:APP_API_TOKEN" $secret) -}}
{{- if has .role (list "relay" "events") -}}
{{- $environment = append $environment (printf "KAFKA_BROKERS=%s" (include "todo.kafkaBrokers" .root)) -}}
{{- end -}}
{{- if eq .role "web" -}}
{{- $environment = append $environment (printf "REDIS_HOST=%s" (include "todo.redisAddress" .root)) -}}
{{- $fromSecret = append $fromSecret (printf "REDIS_PASSWORD=%s:REDIS_PASSWORD" $secret) -}}
{{- end -}}
dapr.io/enabled: "true"
dapr.io/app-id: {{ .role }}
dapr.io/app-port: "8000"
dapr.io/app-protocol: http
dapr.io/config: todo
dapr.io/env: {{ join "," $environment | quote }}
dapr.io/env-from-secret: {{ join "," $fromSecret | quote }}
{{- if not .root.Values.secret.throughDapr }}
# The pod has no token for the Kubernetes API, which this store would need.
dapr.io/disable-builtin-k8s-secret-store: "true"
{{- end }}
{{- if eq .role "events" }}
# The subscriptions are declared. While Redis is away, deliveries stop instead of being tried again and again.
dapr.io/disable-init-endpoints: subscribe
dapr.io/enable-app-health-check: "true"
dapr.io/app-health-check-path: /health/ready
dapr.io/app-health-probe-interval: "5"
dapr.io/app-health-probe-timeout: "3000"
dapr.io/app-health-threshold: "3"
{{- end }}
# A whole batch of events of the longest tasks.
dapr.io/max-body-size: 32Mi
dapr.io/log-level: {{ $dapr.logLevel }}
dapr.io/log-as-json: "true"
dapr.io/enable-native-sidecar: {{ $dapr.nativeSidecar | quote }}
dapr.io/graceful-shutdown-seconds: {{ $dapr.gracefulShutdownSeconds | quote }}
dapr.io/sidecar-seccomp-profile-type: RuntimeDefault
dapr.io/sidecar-cpu-request: {{ $dapr.resources.requests.cpu | quote }}
dapr.io/sidecar-cpu-limit: {{ $dapr.resources.limits.cpu | quote }}
dapr.io/sidecar-memory-request: {{ $dapr.resources.requests.memory | quote }}
dapr.io/sidecar-memory-limit: {{ $dapr.resources.limits.memory | quote }}
{{- end -}}

{{/* Four fifths of a quantity of memory, as Go's GOMEMLIMIT: the rest is for what is no heap. Takes a number with Ki, Mi, Gi or Ti. */}}
{{- define "todo.goMemoryLimit" -}}
{{- $unit := trimPrefix (regexFind "^[0-9]+" .) . -}}
{{- $smaller := get (dict "Ki" "B" "Mi" "KiB" "Gi" "MiB" "Ti" "GiB") $unit -}}
{{- printf "%d%s" (div (mul (regexFind "^[0-9]+" . | int64) 1024 4) 5) $smaller -}}
{{- end -}}

{{/* One resource of files/dapr as this release's. Takes root, file, and metadata: a list that replaces entries of the same name in spec.metadata. */}}
{{- define "todo.daprResource" -}}
{{- $resource := fromYaml (.root.Files.Get (printf "files/dapr/%s" .file)) -}}
{{- $given := dict -}}
{{- range .metadata }}{{ $_ := set $given .name true }}{{ end -}}
{{- if hasKey .  "metadata" -}}
{{- $kept := list -}}
{{- range $resource.spec.metadata }}{{ if not (hasKey $given .name) }}{{ $kept = append $kept . }}{{ end }}{{ end -}}
{{- $_ := set $resource.spec "metadata" (concat $kept .metadata) -}}
{{- end -}}
{{- range $key, $value := .spec }}{{ $_ := set $resource.spec $key $value }}{{ end -}}
{{- $_ := set $resource.metadata "labels" (fromYaml (include "todo.labels" (dict "root" .root))) -}}
{{- toYaml $resource -}}
{{- end -}}

{{/* How daprd reaches this installation's Kafka: entries of the component's metadata, as JSON: {"items": […]}. */}}
{{- define "todo.kafkaMetadata" -}}
{{- $items := list -}}
{{- if eq .Values.kafka.provider "strimzi" -}}
{{- $cluster := include "todo.kafkaCluster" . -}}
{{- $user := include "todo.kafkaUser" . -}}
{{- $items = list
  (dict "name" "authType" "value" "password")
  (dict "name" "disableTls" "value" "false")
  (dict "name" "saslMechanism" "value" "SHA-512")
  (dict "name" "saslUsername" "value" $user)
  (dict "name" "saslPassword" "secretKeyRef" (dict "name" $user "key" "password"))
  (dict "name" "caCert" "secretKeyRef" (dict "name" (printf "%s-cluster-ca-cert" $cluster) "key" "ca.crt"))
-}}
{{- else if eq .Values.kafka.provider "external" -}}
{{- $kafka := .Values.kafka.external -}}
{{- $secret := .Values.secret.name -}}
{{- $items = list (dict "name" "version" "value" $kafka.version) (dict "name" "disableTls" "value" (ternary "false" "true" $kafka.tls)) -}}
{{- if $kafka.saslMechanism -}}
{{- $items = concat $items (list
  (dict "name" "authType" "value" "password")
  (dict "name" "saslMechanism" "value" $kafka.saslMechanism)
  (dict "name" "saslUsername" "secretKeyRef" (dict "name" $secret "key" $kafka.usernameKey))
  (dict "name" "saslPassword" "secretKeyRef" (dict "name" $secret "key" $kafka.passwordKey))
) -}}
{{- end -}}
{{- if and $kafka.tls $kafka.caKey -}}
{{- $items = append $items (dict "name" "caCert" "secretKeyRef" (dict "name" $secret "key" $kafka.caKey)) -}}
{{- end -}}
{{- end -}}
{{- dict "items" $items | toJson -}}
{{- end -}}

{{/* All of Dapr's resources of this release. Takes root. */}}
{{- define "todo.daprResources" -}}
{{- $kafka := (fromJson (include "todo.kafkaMetadata" .)).items -}}
{{- $state := list -}}
{{- if and (not .Values.redis.builtin.enabled) .Values.redis.tls -}}
{{- $state = list (dict "name" "enableTLS" "value" "true") -}}
{{- end -}}
{{ include "todo.daprResource" (dict "root" . "file" "pubsub.yaml" "metadata" $kafka) }}
---
{{ include "todo.daprResource" (dict "root" . "file" "state.yaml" "metadata" $state) }}
---
{{ include "todo.daprResource" (dict "root" . "file" "configuration-store.yaml" "metadata" $state) }}
---
{{ include "todo.daprResource" (dict "root" . "file" "resiliency.yaml") }}
---
{{- $tracing := dict -}}
{{- with .Values.dapr.tracing -}}
{{- if .endpoint -}}
{{- $otel := dict "endpointAddress" .endpoint "isSecure" false "protocol" "grpc" -}}
{{- $tracing = dict "tracing" (dict "samplingRate" .samplingRate "otel" $otel) -}}
{{- end -}}
{{- end }}
{{ include "todo.daprResource" (dict "root" . "file" "configuration.yaml" "spec" $tracing) }}
{{- if eq (.Values.scheduler.settings.SCHEDULER_TICK | default .Values.settings.SCHEDULER_TICK | default "loop") "binding" }}
---
{{ include "todo.daprResource" (dict "root" . "file" "cron.yaml") }}
{{- end }}
{{- if .Values.secret.throughDapr }}
---
{{ include "todo.daprResource" (dict "root" . "file" "secrets-kubernetes.yaml") }}
{{- end }}
{{- range splitList "\n---\n" (include "todo.subscriptions" .) }}
{{- $subscription := fromYaml . }}
{{- $_ := set $subscription.metadata "labels" (fromYaml (include "todo.labels" (dict "root" $))) }}
---
{{ toYaml $subscription }}
{{- end }}
{{- end -}}

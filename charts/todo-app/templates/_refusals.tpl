{{/* Values that contradict each other, each with what to do. The schema refuses what is wrong by itself. Takes root. */}}
{{- define "todo.refusals" -}}
{{- $v := .Values -}}
{{- if not $v.baseUrl -}}
{{- fail "baseUrl is empty: set it to the address that people type, such as https://todo.example.com." -}}
{{- end -}}
{{- if contains "/REGISTRY/" $v.image.repository -}}
{{- fail "image.repository still says REGISTRY: put your registry's name in its place, or the whole address of the image." -}}
{{- end -}}
{{- include "todo.refuseSettings" (dict "where" "settings" "settings" $v.settings) -}}
{{- range fromJsonArray (include "todo.roles" .) -}}
{{- include "todo.refuseSettings" (dict "where" (printf "%s.settings" .) "settings" (index $v . "settings")) -}}
{{- end -}}
{{- include "todo.refuseAccess" . -}}
{{- include "todo.refuseScaling" . -}}
{{- include "todo.refuseData" . -}}
{{- end -}}

{{/* Takes where and settings. */}}
{{- define "todo.refuseSettings" -}}
{{- $instead := dict
  "BASE_URL" "baseUrl" "BEHIND_PROXY" "gateway.enabled or ingress.enabled" "EVENT_TOPIC_LAYOUT" "events.topicLayout"
  "EVENT_TRANSPORT" "nothing: it is always dapr here" "ROLE" "nothing: each workload has its own"
  "ROLE_HOST" "nothing: it is fixed" "ROLE_PORT" "nothing: it is fixed" "METRICS_PORT" "nothing: it is fixed"
  "DAPR_HTTP_PORT" "nothing: Dapr sets it" "DAPR_GRPC_PORT" "nothing: Dapr sets it"
  "SECRET_STORE" "secret.throughDapr" "SECRET_NAME" "secret.name"
  "ATTACHMENTS_BUCKET" "attachments.bucket" "ATTACHMENTS_ENDPOINT" "attachments.endpoint" "ATTACHMENTS_REGION" "attachments.region"
  "ATTACHMENTS_FOLDER" "attachments.bucket: a pod keeps no files"
-}}
{{- range list "SECRET_KEY" "SECRET_KEY_FALLBACKS" "DATABASE_URL" "REDIS_URL" "EMAIL_URL" "APP_API_TOKEN" "DAPR_API_TOKEN" "ATTACHMENTS_ACCESS_KEY" "ATTACHMENTS_SECRET_KEY" -}}
{{- $_ := set $instead . "a key of the Secret that secret.name names" -}}
{{- end -}}
{{- range $name, $_ := .settings -}}
{{- if hasKey $instead $name -}}
{{- fail (printf "%s.%s: the chart sets that. Use %s." $.where $name (get $instead $name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The way in. */}}
{{- define "todo.refuseAccess" -}}
{{- $v := .Values -}}
{{- $https := hasPrefix "https://" $v.baseUrl -}}
{{- if and $v.gateway.enabled $v.ingress.enabled -}}
{{- fail "gateway.enabled and ingress.enabled are both true: keep the one that your cluster has." -}}
{{- end -}}
{{- if and $v.gateway.enabled (not $v.gateway.create) (not $v.gateway.parentRefs) -}}
{{- fail "gateway.create is false and gateway.parentRefs is empty: name the Gateway to attach to, or let the chart make one." -}}
{{- end -}}
{{- if and $v.gateway.enabled $v.gateway.create $v.gateway.parentRefs -}}
{{- fail "gateway.parentRefs names a Gateway of yours while gateway.create makes another: set gateway.create to false, or leave parentRefs empty." -}}
{{- end -}}
{{- if and $v.certificate.enabled (not $https) -}}
{{- fail "certificate.enabled needs a baseUrl that begins with https://." -}}
{{- end -}}
{{- if and $v.certificate.enabled (not $v.certificate.issuerName) -}}
{{- fail "certificate.enabled needs certificate.issuerName: the name of a ClusterIssuer of cert-manager's." -}}
{{- end -}}
{{- $next := $v.web.rollout.next -}}
{{- if and $next.enabled (not $next.tag) -}}
{{- fail "web.rollout.next.enabled needs web.rollout.next.tag: the image of the other colour." -}}
{{- end -}}
{{- if and (gt (int $next.weight) 0) (not $next.enabled) -}}
{{- fail "web.rollout.next.weight sends requests to a colour that does not run: set web.rollout.next.enabled." -}}
{{- end -}}
{{- if and (gt (int $next.weight) 0) (not $v.gateway.enabled) -}}
{{- fail "web.rollout.next.weight needs gateway.enabled: an Ingress cannot divide requests." -}}
{{- end -}}
{{- end -}}

{{/* How many there are, and how they end. */}}
{{- define "todo.refuseScaling" -}}
{{- $v := .Values -}}
{{- range fromJsonArray (include "todo.scaledRoles" .) -}}
{{- $scale := index $v . "autoscaling" -}}
{{- if gt (int $scale.minReplicas) (int $scale.maxReplicas) -}}
{{- fail (printf "%s.autoscaling: minReplicas (%v) is more than maxReplicas (%v)." . (int $scale.minReplicas) (int $scale.maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $v.autoscaling.kind "keda") (not $v.autoscaling.keda.prometheusUrl) -}}
{{- fail "autoscaling.kind is keda: set autoscaling.keda.prometheusUrl, where the depth of the worker's queue is read." -}}
{{- end -}}
{{- $partitions := int $v.kafka.topics.partitions -}}
{{- if and (ne $v.autoscaling.kind "none") (gt (int $v.events.autoscaling.maxReplicas) $partitions) -}}
{{- fail (printf "events.autoscaling.maxReplicas (%v) is more than kafka.topics.partitions (%d): the pods beyond that would have nothing to do. Raise the one or lower the other." (int $v.events.autoscaling.maxReplicas) $partitions) -}}
{{- end -}}
{{- $needed := add (int $v.web.preStopSeconds) 20 (int $v.dapr.gracefulShutdownSeconds) -}}
{{- if lt (int $v.pod.terminationGracePeriodSeconds) (int $needed) -}}
{{- fail (printf "pod.terminationGracePeriodSeconds (%d) is too short: web.preStopSeconds, 20 for requests under way and dapr.gracefulShutdownSeconds make %d." (int $v.pod.terminationGracePeriodSeconds) $needed) -}}
{{- end -}}
{{- if lt (int $v.pod.terminationGracePeriodSeconds) (add 30 (int $v.dapr.gracefulShutdownSeconds) | int) -}}
{{- fail (printf "pod.terminationGracePeriodSeconds (%d) is too short: 30 for what a worker has under way and dapr.gracefulShutdownSeconds make %d." (int $v.pod.terminationGracePeriodSeconds) (add 30 (int $v.dapr.gracefulShutdownSeconds))) -}}
{{- end -}}
{{- end -}}

{{/* Where the data is. */}}
{{- define "todo.refuseData" -}}
{{- $v := .Values -}}
{{- if and (or $v.attachments.endpoint $v.attachments.region) (not $v.attachments.bucket) -}}
{{- fail "attachments.endpoint and attachments.region are those of a bucket: set attachments.bucket, too." -}}
{{- end -}}
{{- if and (hasKey $v.settings "ATTACHMENT_QUOTA_BYTES") (not $v.attachments.bucket) -}}
{{- fail "settings.ATTACHMENT_QUOTA_BYTES needs attachments.bucket: without it nobody can attach anything, for a pod keeps no files." -}}
{{- end -}}
{{- if and $v.secret.throughDapr (ne $v.database.directUrlKey "DATABASE_URL") -}}
{{- fail "secret.throughDapr gives every role DATABASE_URL, so the relay would not find database.directUrlKey: set one of the two only." -}}
{{- end -}}
{{- if and $v.redis.builtin.enabled $v.redis.address -}}
{{- fail "redis.address names your own Redis while redis.builtin.enabled makes another: keep one." -}}
{{- end -}}
{{- if and (not $v.redis.builtin.enabled) (not $v.redis.address) -}}
{{- fail "redis.builtin.enabled is false: set redis.address to host:port of your own Redis or Valkey." -}}
{{- end -}}
{{- if and $v.redis.builtin.enabled $v.redis.tls -}}
{{- fail "redis.tls is for your own Redis: the built-in one speaks no TLS." -}}
{{- end -}}
{{- if and (eq $v.kafka.provider "external") (not $v.kafka.external.brokers) -}}
{{- fail "kafka.provider is external: set kafka.external.brokers to host:port of its brokers, separated by commas." -}}
{{- end -}}
{{- if and (ne $v.kafka.provider "external") $v.kafka.external.brokers -}}
{{- fail (printf "kafka.external.brokers is set, but kafka.provider is %s: set kafka.provider to external, or leave the brokers empty." $v.kafka.provider) -}}
{{- end -}}
{{- if eq $v.kafka.provider "strimzi" -}}
{{- include "todo.refuseStrimzi" . -}}
{{- end -}}
{{- end -}}

{{- define "todo.refuseStrimzi" -}}
{{- $topics := .Values.kafka.topics -}}
{{- $brokers := 0 -}}
{{- $controllers := 0 -}}
{{- range .Values.kafka.strimzi.pools -}}
{{- if has "broker" .roles }}{{ $brokers = add $brokers .replicas }}{{ end -}}
{{- if has "controller" .roles }}{{ $controllers = add $controllers .replicas }}{{ end -}}
{{- end -}}
{{- if not $controllers -}}
{{- fail "kafka.strimzi.pools: no pool has the role controller. One has to." -}}
{{- end -}}
{{- if gt (int $topics.replicas) (int $brokers) -}}
{{- fail (printf "kafka.topics.replicas (%d) is more than there are brokers (%d): add brokers to kafka.strimzi.pools or ask for fewer copies." (int $topics.replicas) (int $brokers)) -}}
{{- end -}}
{{- if and (gt (int $topics.replicas) 1) (ge (int $topics.minInSyncReplicas) (int $topics.replicas)) -}}
{{- fail (printf "kafka.topics.minInSyncReplicas (%d) must be less than kafka.topics.replicas (%d): otherwise nothing can be written while one broker restarts." (int $topics.minInSyncReplicas) (int $topics.replicas)) -}}
{{- end -}}
{{- if gt (int $topics.minInSyncReplicas) (int $topics.replicas) -}}
{{- fail "kafka.topics.minInSyncReplicas is more than kafka.topics.replicas: nothing could ever be written." -}}
{{- end -}}
{{- end -}}

#!/bin/sh
# Makes the topics that the subscriptions name, and a topic for the dead letters of each, where they are missing.
set -eu

case ${EVENT_TOPIC_LAYOUT:-by-aggregate} in
  by-aggregate) file=${SUBSCRIPTIONS:-/dapr}/subscriptions.yaml ;;
  by-type) file=${SUBSCRIPTIONS:-/dapr}/subscriptions-by-type.yaml ;;
  *)
    echo "topics: EVENT_TOPIC_LAYOUT can be by-aggregate or by-type." >&2
    exit 1
    ;;
esac

# make KEY PARTITIONS : the topics that stand after KEY in the file.
make() {
  names=$(sed -n "s/^  $1: //p" "$file")
  for name in $names; do
    "${KAFKA_TOPICS:-/opt/kafka/bin/kafka-topics.sh}" --bootstrap-server "$KAFKA_BROKERS" --create --if-not-exists \
      --topic "$name" --partitions "$2" --replication-factor 1
  done
}

make topic "${PARTITIONS:-6}"
make deadLetterTopic 1

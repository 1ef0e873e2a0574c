// Docker Compose, with its version and checksums in one place. `make image-tools` builds it.
module todo.invalid/deploy/image/compose

go 1.26.0

tool github.com/docker/compose/v2/cmd

require github.com/docker/compose/v2 v2.40.3

// Command daprd is Dapr's sidecar with its stable components and one more, which Dapr itself only builds into the
// full edition: finding one another through a SQLite file. On one machine that works without multicast, and two
// stacks that use the same app ids do not find each other's.
package main

import (
	"github.com/dapr/components-contrib/nameresolution/sqlite"
	"github.com/dapr/dapr/cmd/daprd/app"
	"github.com/dapr/dapr/pkg/components/nameresolution"
)

func main() {
	nameresolution.DefaultRegistry.RegisterComponent(sqlite.NewResolver, "sqlite")
	app.Run()
}

// Command onmemos-agent runs the commands of one cloud session: it keeps the exec contract of docs/protocol.md inside of
// the session's container.
package main

import (
	"fmt"
	"os"

	"onmemos.dev/agent/internal/bounds"
	"onmemos.dev/agent/internal/supervisor"
)

// version is that of the product; the build sets it.
var version = "0.0.0-dev"

const usageText = `onmemos-agent runs the commands of one OnMemOS session.

  onmemos-agent serve [FLAGS]    serves the session on a Unix socket, or on its standard streams
  onmemos-agent attach [FLAGS]   joins its standard streams to the socket of the running agent
  onmemos-agent install DIR      copies itself to DIR/onmemos-agent
  onmemos-agent version          prints its version and those of the protocol that it speaks

"onmemos-agent serve -h" and "onmemos-agent attach -h" list the flags. Each flag can be set by a variable of the
environment, too: --hold-wait by ONMEMOS_AGENT_HOLD_WAIT.
`

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usageText)
		return exitUsage
	}
	switch args[0] {
	case supervisor.Name:
		return supervisor.Main()
	case "serve":
		return serveCommand(args[1:])
	case "attach":
		return attachCommand(args[1:])
	case "install":
		return installCommand(args[1:])
	case "version":
		fmt.Printf("onmemos-agent %s, protocol %d to %d\n", version, bounds.OldestVersion, bounds.NewestVersion)
		return 0
	case "help", "-h", "--help":
		fmt.Print(usageText)
		return 0
	}
	fmt.Fprintf(os.Stderr, "onmemos-agent has no command %q. Run \"onmemos-agent help\" for the list.\n", args[0])
	return exitUsage
}

// Exit codes besides those of a session's end.
const (
	exitFailed = 1
	exitUsage  = 2
)

func fail(err error) int {
	fmt.Fprintf(os.Stderr, "onmemos-agent: %s\n", err)
	return exitFailed
}

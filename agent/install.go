package main

import (
	"fmt"
	"os"

	"onmemos.dev/agent/internal/install"
)

func installCommand(args []string) int {
	if len(args) != 1 || args[0] == "" {
		fmt.Fprintln(os.Stderr, "Give one folder: onmemos-agent install DIR")
		return exitUsage
	}
	if err := install.To(args[0]); err != nil {
		return fail(err)
	}
	return 0
}

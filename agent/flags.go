package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"onmemos.dev/agent/internal/bounds"
	"onmemos.dev/agent/internal/environment"
)

// settings are the flags of `serve`.
type settings struct {
	dir, workspace, session, terminationLog string
	deadline, generation                    int64
	holdWait, grace                         time.Duration
	stdio                                   bool
}

const dirUsage = "private folder of the agent, with its socket; by default /run/onmemos, or the first of " +
	"/tmp/onmemos-UID where that can’t be made"

func readSettings(args []string) (*settings, int) {
	s := &settings{}
	f := flag.NewFlagSet("onmemos-agent serve", flag.ContinueOnError)
	f.StringVar(&s.dir, "dir", "", dirUsage)
	f.StringVar(&s.workspace, "workspace", "", "folder in which commands start; by default /workspace, and with --stdio a "+
		"new folder that is deleted at the end")
	f.StringVar(&s.session, "session", "", "name of the session: a hello that names another one is refused")
	f.Int64Var(&s.deadline, "deadline", 0, "when the session ends by itself, in milliseconds since the epoch; 0: a client sets it")
	f.Int64Var(&s.generation, "generation", 0, "generation of that deadline: a client moves it with one that is not lower")
	f.DurationVar(&s.holdWait, "hold-wait", bounds.HoldWaitMS*time.Millisecond,
		"how long a command waits at a full log for a reader that is not there")
	f.DurationVar(&s.grace, "grace", 8*time.Second, "from TERM to KILL for everything that runs, where the agent gets TERM; it "+
		"ends 1.5 s after that at the latest")
	f.StringVar(&s.terminationLog, "termination-log", "/dev/termination-log",
		"file that is told why the session ended, if it is there")
	f.BoolVar(&s.stdio, "stdio", false, "serve one connection on the standard streams; the session ends with it")
	if code := parse(f, args); code >= 0 {
		return nil, code
	}
	if s.holdWait <= 0 || s.grace <= 0 {
		fmt.Fprintln(f.Output(), "--hold-wait and --grace must be above 0.")
		return nil, exitUsage
	}
	return s, -1
}

// parse reads flags and then the variables of those that are not given. It returns an exit code, or -1 to go on.
func parse(f *flag.FlagSet, args []string) int {
	err := f.Parse(args)
	if err == flag.ErrHelp {
		return 0
	}
	if err == nil && f.NArg() > 0 {
		err = fmt.Errorf("there is no argument %q", f.Arg(0))
		fmt.Fprintln(f.Output(), err)
	}
	if err != nil {
		return exitUsage
	}
	given := map[string]bool{}
	f.Visit(func(one *flag.Flag) { given[one.Name] = true })
	f.VisitAll(func(one *flag.Flag) {
		name := environment.OwnPrefix + strings.ToUpper(strings.ReplaceAll(one.Name, "-", "_"))
		value, set := os.LookupEnv(name)
		if !set || given[one.Name] || err != nil {
			return
		}
		if err = one.Value.Set(value); err != nil {
			fmt.Fprintf(f.Output(), "%s is %q: %s\n", name, value, err)
		}
	})
	if err != nil {
		return exitUsage
	}
	return -1
}

// folders are those that the agent uses without --dir, the first one first.
func folders() []string {
	return []string{"/run/onmemos", filepath.Join(os.TempDir(), fmt.Sprintf("onmemos-%d", os.Geteuid()))}
}

func socketIn(dir string) string { return filepath.Join(dir, "agent.sock") }

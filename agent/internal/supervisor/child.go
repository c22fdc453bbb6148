package supervisor

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"onmemos.dev/agent/internal/processes"
	"onmemos.dev/agent/internal/reaper"
)

// Name is the argument by which the program is started as a supervisor.
const Name = "supervise"

// The descriptors of a supervisor, behind its own three: the agent, and the streams of the command.
const (
	controlFD = 3
	streamsFD = 4
)

// Main is the supervisor's whole life. It tells the agent in lines of text: `started PID`, or `failed PART ERRNO TEXT`;
// then `exited CODE` or `killed SIGNAL`, which waits for the agent's answer.
func Main() int {
	// What is started from here has to be the child of a thread that does not end.
	runtime.LockOSThread()
	// Each signal has a handler: none ends the supervisor, and what it starts has the defaults, also where the agent was
	// started with some ignored.
	signal.Notify(make(chan os.Signal, 1))
	for fd := controlFD; fd < streamsFD+3; fd++ {
		syscall.CloseOnExec(fd)
	}
	if err := reaper.AdoptOrphans(); err != nil {
		fmt.Fprintf(os.Stderr, "a supervisor can’t adopt orphans: %s\n", err)
		return 1
	}
	control := os.NewFile(controlFD, "control")
	plan, err := readPlan(control)
	if err != nil {
		fmt.Fprintf(os.Stderr, "a supervisor has no plan: %s\n", err)
		return 1
	}
	pid, failed := start(plan, [3]uintptr{streamsFD, streamsFD + 1, streamsFD + 2})
	// The end of the pipes must not wait for the supervisor.
	for fd := streamsFD; fd < streamsFD+3; fd++ {
		_ = syscall.Close(fd)
	}
	if failed != nil {
		text := strings.ReplaceAll(failed.text, "\n", " ")
		fmt.Fprintf(control, "failed %s %d %s\n", failed.part, failed.why, text)
		return 0
	}
	fmt.Fprintf(control, "started %d\n", pid)
	watch(control, pid)
	return 0
}

// watch reaps what ends, and returns when nothing is left.
func watch(control *os.File, command int) {
	heard := make(chan struct{})
	go func() {
		_, _ = control.Read(make([]byte, 1))
		close(heard)
		// The agent says one thing, and later its end of the line closes, at the latest when it ends. Nothing that it has
		// started may outlive it.
		_, _ = control.Read(make([]byte, 1))
		for !killBelow() {
		}
	}()
	for {
		found, any := nextEnded()
		if !any {
			return
		}
		if found.pid == command {
			what := "exited"
			if found.signaled {
				what = "killed"
			}
			fmt.Fprintf(control, "%s %d\n", what, found.code)
			// Until the agent knows, the number of the command and of its group stays its own.
			<-heard
		}
		take(found.pid)
	}
}

func killBelow() bool {
	own := os.Getpid()
	return processes.KillAll(func() ([]processes.Process, error) { return processes.Below(own) }, nil, time.Minute)
}

package supervisor

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"onmemos.dev/agent/internal/processes"
	"onmemos.dev/agent/internal/protocol"
	"onmemos.dev/agent/internal/reaper"
)

// own is the program itself, also where its file was replaced meanwhile.
const own = "/proc/self/exe"

// Exit is how a command ended: by its code, or by a signal.
type Exit struct {
	Code   int
	Signal syscall.Signal
}

// Command is a command that was started, with everything that it starts.
type Command struct {
	PID        int
	supervisor int
	control    *os.File
	// Exited is closed once the command has ended.
	Exited chan struct{}
	// Gone is closed once nothing of it is left.
	Gone chan struct{}
	exit Exit
	// mu is held while its group is signalled: the number is the command's own until its end is acknowledged.
	mu     sync.Mutex
	reaped bool
}

// Start starts a command. The descriptors are its streams; the caller keeps them. The field names the program in an
// error, which is a *protocol.Error.
func Start(r *reaper.Reaper, plan *Plan, streams [3]int, field string) (*Command, error) {
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, protocol.Errorf(protocol.Exhausted, "a command can't be started now: %s", err)
	}
	null, err := syscall.Open(os.DevNull, syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		_, _ = syscall.Close(ends[0]), syscall.Close(ends[1])
		return nil, protocol.Errorf(protocol.Exhausted, "a command can't be started now: %s: %s", os.DevNull, err)
	}
	attr := &syscall.ProcAttr{
		Dir: "/",
		Env: []string{"GOMAXPROCS=1", "GOTRACEBACK=none"},
		Files: []uintptr{
			uintptr(null), uintptr(null), 2, uintptr(ends[1]),
			uintptr(streams[0]), uintptr(streams[1]), uintptr(streams[2]),
		},
		Sys: &syscall.SysProcAttr{Setsid: true},
	}
	pid, status, err := r.Start(own, []string{"onmemos-exec", Name}, attr)
	_, _ = syscall.Close(ends[1]), syscall.Close(null)
	if err != nil {
		_ = syscall.Close(ends[0])
		return nil, protocol.Errorf(protocol.Exhausted, "a command can't be started now: %s", err)
	}
	c := &Command{
		supervisor: pid,
		control:    os.NewFile(uintptr(ends[0]), "supervisor"),
		Exited:     make(chan struct{}),
		Gone:       make(chan struct{}),
	}
	return c, c.begin(plan, status, field)
}

func (c *Command) begin(plan *Plan, status <-chan syscall.WaitStatus, field string) error {
	_, _ = c.control.Write(plan.encode())
	lines := bufio.NewScanner(c.control)
	lines.Buffer(nil, 1<<20)
	if lines.Scan() {
		line := lines.Text()
		if _, err := fmt.Sscanf(line, "started %d", &c.PID); err == nil {
			go c.follow(lines, status)
			return nil
		}
		if err := failed(line, field); err != nil {
			_ = c.control.Close()
			<-status
			return err
		}
	}
	_ = c.control.Close()
	ended := <-status
	return protocol.Errorf(protocol.Exhausted, "a command can't be started now: its supervisor ended with %d", ended)
}

// failed reads a supervisor's complaint; nil where the line is none.
func failed(line, field string) *protocol.Error {
	var part string
	var why int
	if _, err := fmt.Sscanf(line, "failed %s %d ", &part, &why); err != nil {
		return nil
	}
	words := strings.SplitN(line, " ", 4)
	return protocol.NotStarted(protocol.Part(part), syscall.Errno(why), words[3], field)
}

// follow waits for the end of the command, and then of everything that it has left.
func (c *Command) follow(lines *bufio.Scanner, status <-chan syscall.WaitStatus) {
	// A supervisor that was killed takes its command with it.
	c.exit = Exit{Signal: syscall.SIGKILL}
	if lines.Scan() {
		var number int
		if _, err := fmt.Sscanf(lines.Text(), "exited %d", &number); err == nil {
			c.exit = Exit{Code: number}
		} else if _, err := fmt.Sscanf(lines.Text(), "killed %d", &number); err == nil {
			c.exit = Exit{Signal: syscall.Signal(number)}
		}
	}
	c.mu.Lock()
	c.reaped = true
	c.mu.Unlock()
	close(c.Exited)
	_, _ = c.control.Write([]byte{'k'})
	<-status
	_ = c.control.Close()
	close(c.Gone)
}

// Exit is how the command ended. It is known once Exited is closed.
func (c *Command) Exit() Exit { return c.exit }

// SignalGroup sends a signal to the command's process group. False where the command has ended.
func (c *Command) SignalGroup(signal syscall.Signal) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.reaped && syscall.Kill(-c.PID, signal) == nil
}

// Lingers says whether a process of the command's group lives.
func (c *Command) Lingers() bool {
	return syscall.Kill(-c.PID, 0) != syscall.ESRCH
}

func (c *Command) below() ([]processes.Process, error) { return processes.Below(c.supervisor) }

func (c *Command) gone() bool {
	select {
	case <-c.Gone:
		return true
	default:
		return false
	}
}

// SignalAll sends a signal to everything that the command has started. False where nothing of it is left.
func (c *Command) SignalAll(signal syscall.Signal) (bool, error) {
	if c.gone() {
		return false, nil
	}
	reached, err := processes.SignalAll(c.below, signal)
	return reached > 0, err
}

// KillAll kills everything that the command has started, and waits until nothing is left, or the time is over. False
// where nothing was there.
func (c *Command) KillAll(within time.Duration) bool {
	if found, err := c.below(); c.gone() || (err == nil && len(found) == 0) {
		return false
	}
	end := time.Now().Add(within)
	processes.KillAll(c.below, c.Gone, within)
	// The supervisor ends once it has reaped them.
	select {
	case <-c.Gone:
	case <-time.After(time.Until(end)):
	}
	return true
}

// Supervisor is the number of the process that watches over the command.
func (c *Command) Supervisor() int { return c.supervisor }

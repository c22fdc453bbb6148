// Package reaper owns every child of the agent: those that it starts, and the orphans that the system hands to it as
// process 1. No other part may wait for a process, because a status can be taken once.
package reaper

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// Reaper takes all statuses, and hands those of started children to their starters.
type Reaper struct {
	// mu is held from a child's start until it is known here, so that its status can't be taken for an orphan's.
	mu      sync.Mutex
	waiting map[int]chan syscall.WaitStatus
	orphans int
}

// New starts to reap. There is one for a process, for as long as it runs.
func New() *Reaper {
	r := &Reaper{waiting: map[int]chan syscall.WaitStatus{}}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	go func() {
		for range ended {
			r.reap()
		}
	}()
	return r
}

// AdoptOrphans makes this process the parent of every orphan below it, as process 1 is by itself.
func AdoptOrphans() error {
	const setChildSubreaper = 36
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0); errno != 0 {
		return errno
	}
	return nil
}

// Start starts a child. The channel has its status once it has ended.
func (r *Reaper) Start(path string, argv []string, attr *syscall.ProcAttr) (int, <-chan syscall.WaitStatus, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pid, err := syscall.ForkExec(path, argv, attr)
	if err != nil {
		return 0, nil, err
	}
	status := make(chan syscall.WaitStatus, 1)
	r.waiting[pid] = status
	return pid, status, nil
}

// Started returns the children that were started here and have not ended.
func (r *Reaper) Started() map[int]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	started := make(map[int]bool, len(r.waiting))
	for pid := range r.waiting {
		started[pid] = true
	}
	return started
}

// Orphans returns how many processes were reaped that others had started.
func (r *Reaper) Orphans() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.orphans
}

func (r *Reaper) reap() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		if started, has := r.waiting[pid]; has {
			delete(r.waiting, pid)
			started <- status
		} else {
			r.orphans++
		}
	}
}

// Package processes finds the processes below another one, and signals them.
package processes

import (
	"bytes"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Process is one process as /proc shows it.
type Process struct {
	PID, Parent, Group int
	// Start is when it started, in clock ticks since boot: a later process of the same number has another start.
	Start uint64
	ended bool
}

// Ended says whether only its status is left of a process, or it is on its way there and runs no code of its own.
func (p Process) Ended() bool { return p.ended }

// Runs says whether a process runs this program.
func (p Process) Runs(program os.FileInfo) bool {
	info, err := os.Stat("/proc/" + strconv.Itoa(p.PID) + "/exe")
	return err == nil && program != nil && os.SameFile(info, program)
}

func read(pid int) (Process, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return Process{}, false
	}
	// The name in parentheses may hold anything.
	name := bytes.LastIndexByte(text, ')')
	if name < 0 {
		return Process{}, false
	}
	fields := bytes.Fields(text[name+1:])
	if len(fields) < 20 {
		return Process{}, false
	}
	number := func(i int) int {
		value, _ := strconv.Atoi(string(fields[i]))
		return value
	}
	start, _ := strconv.ParseUint(string(fields[19]), 10, 64)
	// The kernel's PF_EXITING. The first thread of a process may end before the others.
	const exiting = 4
	first := fields[0][0] == 'Z' || fields[0][0] == 'X' || number(6)&exiting != 0
	return Process{PID: pid, Parent: number(1), Group: number(2), Start: start, ended: first && number(17) <= 1}, true
}

// All returns every process that this one can see.
func All() ([]Process, error) {
	folder, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	all := make([]Process, 0, len(names))
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if process, there := read(pid); there {
			all = append(all, process)
		}
	}
	return all, nil
}

// below returns the living ones among `all` that descend from the root, without it.
func below(root int, all []Process) []Process {
	children := map[int][]Process{}
	for _, process := range all {
		children[process.Parent] = append(children[process.Parent], process)
	}
	var found []Process
	next := []int{root}
	for len(next) > 0 {
		parent := next[len(next)-1]
		next = next[:len(next)-1]
		for _, child := range children[parent] {
			if child.PID == root {
				continue
			}
			next = append(next, child.PID)
			if !child.Ended() {
				found = append(found, child)
			}
		}
	}
	return found
}

// looks is how often a look is taken again that may have missed a process whose parent ended meanwhile.
const looks = 3

// Below returns the living processes that descend from the root, without it.
func Below(root int) ([]Process, error) {
	for look := 1; ; look++ {
		all, err := All()
		if err != nil {
			return nil, err
		}
		if look == looks || !torn(all) {
			return below(root, all), nil
		}
	}
}

// torn says whether the parent of a process was not seen: it has ended while the others were read, and its children
// have another parent by now.
func torn(all []Process) bool {
	seen := make(map[int]bool, len(all))
	for _, process := range all {
		seen[process.PID] = true
	}
	for _, process := range all {
		if process.Parent != 0 && !seen[process.Parent] {
			return true
		}
	}
	return false
}

// Signal sends a signal if the number still means the same process.
func (p Process) Signal(signal syscall.Signal) bool {
	now, there := read(p.PID)
	return there && now.Start == p.Start && !now.Ended() && syscall.Kill(p.PID, signal) == nil
}

// ticksPerSecond is the unit of Start; Linux tells every program that it is 100.
const ticksPerSecond = 100

// ticks returns the time since boot in the unit of Start.
func ticks() uint64 {
	var now syscall.Timespec
	const bootTime = 7
	clockGettime(bootTime, &now)
	return uint64(now.Sec)*ticksPerSecond + uint64(now.Nsec)/(1_000_000_000/ticksPerSecond)
}

// signalLooks is how often SignalAll looks for what was started while it looked.
const signalLooks = 20

// SignalAll sends a signal to everything that `find` finds. It returns how many it has reached. What a process has
// started before the signal was sent to it gets it too, though it was found later. What it starts afterwards, to clean
// up, does not.
func SignalAll(find func() ([]Process, error), signal syscall.Signal) (int, error) {
	type id struct {
		pid   int
		start uint64
	}
	reached := map[id]bool{}
	// marks has the newest process that there was when each one was signalled.
	marks := map[int]int{}
	newest := 0
	begun := ticks()
	for look := 1; look <= signalLooks; look++ {
		found, err := find()
		if err != nil {
			return len(reached), err
		}
		fresh := 0
		for _, process := range found {
			key := id{process.PID, process.Start}
			if reached[key] {
				continue
			}
			mark, known := marks[process.Parent]
			if !known {
				// Its parent has ended, by the signal or before it.
				mark = newest
			}
			if look > 1 && !process.startedBefore(mark, begun) {
				continue
			}
			if process.Signal(signal) {
				reached[key] = true
				newest = newestPID()
				marks[process.PID] = newest
				fresh++
			}
		}
		if fresh == 0 {
			break
		}
	}
	return len(reached), nil
}

// startedBefore says whether a process was started when `mark` was the newest one. Numbers rise until they begin anew.
// Where the system does not tell of the newest one, the time of the start decides, which is coarse.
func (p Process) startedBefore(mark int, begun uint64) bool {
	if mark <= 0 {
		return p.Start < begun
	}
	most := mostPIDs()
	return ((mark-p.PID)%most+most)%most < most/2
}

// newestPID is the number of the process that was started last; 0 where the system does not tell.
func newestPID() int {
	text, err := os.ReadFile("/proc/loadavg")
	fields := bytes.Fields(text)
	if err != nil || len(fields) < 5 {
		return 0
	}
	pid, _ := strconv.Atoi(string(fields[4]))
	return pid
}

var mostPIDs = sync.OnceValue(func() int {
	text, _ := os.ReadFile("/proc/sys/kernel/pid_max")
	if most, err := strconv.Atoi(string(bytes.TrimSpace(text))); err == nil && most > 0 {
		return most
	}
	return 1 << 22
})

// killPause grows from the first to the second between two rounds of KillAll.
const firstPause, longestPause = time.Millisecond, 50 * time.Millisecond

// KillAll kills what `find` finds, and what that starts meanwhile, until nothing is found, `done` is closed or the time
// is over. It returns whether nothing is left.
func KillAll(find func() ([]Process, error), done <-chan struct{}, within time.Duration) bool {
	own := syscall.Getpgrp()
	end := time.Now().Add(within)
	for pause := firstPause; ; pause = min(pause*2, longestPause) {
		found, err := find()
		if err == nil && len(found) == 0 {
			return true
		}
		// By whole groups, which no fork escapes. What moves to other groups meanwhile is stopped first: then it starts
		// no other one.
		groups := map[int]bool{}
		for _, process := range found {
			if process.Group > 1 && process.Group != own && !groups[process.Group] {
				groups[process.Group] = true
				_ = syscall.Kill(-process.Group, syscall.SIGKILL)
			}
		}
		for _, process := range found {
			process.Signal(syscall.SIGSTOP)
		}
		for _, process := range found {
			process.Signal(syscall.SIGKILL)
		}
		select {
		case <-done:
			return true
		case <-time.After(pause):
		}
		if time.Now().After(end) {
			return false
		}
	}
}

package protocol

import (
	"strconv"
	"strings"
	"syscall"
)

// names has the signals of Linux by their number. 32 and above have none.
var names = [...]string{
	"", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
	"STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR",
	"SYS",
}

var sendable = []string{"TERM", "KILL", "PIPE", "INT", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT", "WINCH"}

// SignalName is the name of a signal without SIG, or its number where it has no name.
func SignalName(signal syscall.Signal) string {
	if signal > 0 && int(signal) < len(names) {
		return names[signal]
	}
	return strconv.Itoa(int(signal))
}

// SignalOf returns the signal that a client may send by this name.
func SignalOf(name string) (syscall.Signal, error) {
	for _, one := range sendable {
		if one != name {
			continue
		}
		for number, known := range names {
			if known == name {
				return syscall.Signal(number), nil
			}
		}
	}
	return 0, Errorf(Invalid, "signal must be one of %s", strings.Join(sendable, ", "))
}

// ReachesAll says whether a signal goes to everything that a command has started, and not to its process group alone.
func ReachesAll(signal syscall.Signal) bool {
	return signal == syscall.SIGTERM || signal == syscall.SIGKILL || signal == syscall.SIGPIPE
}

// EndsLeft says whether a signal also reaches what an ended command has left behind.
func EndsLeft(signal syscall.Signal) bool {
	return signal == syscall.SIGTERM || signal == syscall.SIGKILL
}

package supervisor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"onmemos.dev/agent/internal/protocol"
)

// complaint says why nothing was started.
type complaint struct {
	part protocol.Part
	why  syscall.Errno
	text string
}

func complain(part protocol.Part, what string, err error) *complaint {
	var why syscall.Errno
	if !errors.As(err, &why) {
		why = syscall.EIO
	}
	return &complaint{part, why, fmt.Sprintf("%s: %s", what, why)}
}

// loginUmask is what a command has, whatever the agent's own is.
const loginUmask = 0o022

// start starts the command of a plan on these streams, as the leader of a session of its own.
func start(plan *Plan, streams [3]uintptr) (int, *complaint) {
	syscall.Umask(loginUmask)
	if err := os.Chdir(plan.Cwd); err != nil {
		return 0, complain(protocol.Folder, plan.Cwd, err)
	}
	path, err := lookUp(plan.Argv[0], plan.Env)
	if err != nil {
		return 0, complain(protocol.Program, plan.Argv[0], err)
	}
	attr := &syscall.ProcAttr{
		Env:   plan.Env,
		Files: streams[:],
		// Where the supervisor is killed, nothing could reach the command any more.
		Sys: &syscall.SysProcAttr{Setsid: true, Setctty: plan.TTY, Pdeathsig: syscall.SIGKILL},
	}
	restore := offerToOOM()
	pid, err := syscall.ForkExec(path, plan.Argv, attr)
	restore()
	if err != nil {
		return 0, complain(protocol.Program, plan.Argv[0], err)
	}
	// A supervisor holds no folder in use.
	_ = os.Chdir("/")
	return pid, nil
}

const oomScore = "/proc/self/oom_score_adj"

// offerToOOM makes what is started until the restoring the first that a shortage of memory ends, before the agent. A
// process may raise its score, and lower it again to what it was.
func offerToOOM() (restore func()) {
	before, err := os.ReadFile(oomScore)
	if err != nil || os.WriteFile(oomScore, []byte("1000"), 0) != nil {
		return func() {}
	}
	return func() { _ = os.WriteFile(oomScore, before, 0) }
}

// lookUp returns the path of a program: its own if it has a slash, else the first one in the folders of PATH that can
// be run. It is relative to the present folder.
func lookUp(program string, env []string) (string, error) {
	if strings.Contains(program, "/") {
		return program, runnable(program)
	}
	found := error(syscall.ENOENT)
	if program == "" {
		return "", found
	}
	for _, folder := range filepath.SplitList(pathOf(env)) {
		if folder == "" {
			folder = "."
		}
		path := folder + "/" + program
		err := runnable(path)
		if err == nil {
			return path, nil
		}
		// A folder that is not there hides no error of another one.
		if errors.Is(err, syscall.EACCES) {
			found = err
		}
	}
	return "", found
}

func pathOf(env []string) string {
	path := ""
	for _, variable := range env {
		if value, is := strings.CutPrefix(variable, "PATH="); is {
			path = value
		}
	}
	return path
}

func runnable(path string) error {
	var stat syscall.Stat_t
	if err := syscall.Stat(path, &stat); err != nil {
		return err
	}
	const execute = 1
	if stat.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return syscall.EACCES
	}
	return syscall.Access(path, execute)
}

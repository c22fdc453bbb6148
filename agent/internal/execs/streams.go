package execs

import (
	"os"
	"syscall"

	"github.com/creack/pty"

	"onmemos.dev/agent/internal/protocol"
)

// streams are the two sides of a command's standard streams.
type streams struct {
	// theirs are descriptors that the command gets.
	theirs [3]int
	// opened has each of theirs once, to be closed when the command has them.
	opened []int
	// input is nil where the command has no stdin.
	input *os.File
	// output has one file, or stdout and stderr.
	output []*os.File
	// terminal is nil where the command has none.
	terminal *os.File
}

func exhausted(err error) error {
	return protocol.Errorf(protocol.Exhausted, "a command can't be started now: %s", err)
}

// openStreams makes the streams that a start asks for.
func openStreams(start *protocol.Start) (*streams, error) {
	s := &streams{}
	var err error
	if start.TTY != nil {
		err = s.openTerminal(*start.TTY, start.Stdin)
	} else {
		err = s.openPipes(start.Stdin, start.Merge)
	}
	if err != nil {
		s.closeAll()
		return nil, exhausted(err)
	}
	return s, nil
}

func (s *streams) openTerminal(size protocol.Size, withInput bool) error {
	master, slave, err := pty.Open()
	if err != nil {
		return err
	}
	s.terminal = master
	s.output = []*os.File{master}
	if withInput {
		s.input = master
	}
	// A number of its own, which is not closed with a file that is collected.
	number, err := syscall.Dup(int(slave.Fd()))
	_ = slave.Close()
	if err != nil {
		return err
	}
	syscall.CloseOnExec(number)
	// Commands expect a terminal that waits.
	_ = syscall.SetNonblock(number, false)
	s.opened = []int{number}
	s.theirs = [3]int{number, number, number}
	return setSize(master, size)
}

func setSize(terminal *os.File, size protocol.Size) error {
	return pty.Setsize(terminal, &pty.Winsize{Cols: size.Cols, Rows: size.Rows})
}

func (s *streams) openPipes(withInput, merge bool) error {
	if withInput {
		read, write, err := pipe()
		if err != nil {
			return err
		}
		s.theirs[0] = read
		s.opened = append(s.opened, read)
		if s.input, err = ours(write); err != nil {
			return err
		}
	} else {
		null, err := syscall.Open(os.DevNull, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		s.theirs[0] = null
		s.opened = append(s.opened, null)
	}
	for i := 1; i <= 2; i++ {
		if i == 2 && merge {
			s.theirs[2] = s.theirs[1]
			continue
		}
		read, write, err := pipe()
		if err != nil {
			return err
		}
		s.theirs[i] = write
		s.opened = append(s.opened, write)
		file, err := ours(read)
		if err != nil {
			return err
		}
		s.output = append(s.output, file)
	}
	return nil
}

func pipe() (read, write int, err error) {
	var ends [2]int
	err = syscall.Pipe2(ends[:], syscall.O_CLOEXEC)
	return ends[0], ends[1], err
}

// ours makes a file of our end of a pipe; it waits without a thread.
func ours(end int) (*os.File, error) {
	if err := syscall.SetNonblock(end, true); err != nil {
		_ = syscall.Close(end)
		return nil, err
	}
	return os.NewFile(uintptr(end), "pipe"), nil
}

// given closes what the command has now.
func (s *streams) given() {
	for _, number := range s.opened {
		_ = syscall.Close(number)
	}
	s.opened = nil
}

func (s *streams) closeAll() {
	s.given()
	if s.input != nil {
		_ = s.input.Close()
	}
	for _, file := range s.output {
		_ = file.Close()
	}
}

// Package supervisor starts commands. Each command has a supervisor of its own: this program started again, as the
// parent of every orphan below it. Whatever group or session a process of the command moves to, it stays below its
// supervisor, and is found there. The supervisor ends when nothing of the command is left.
package supervisor

import (
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Plan is what a supervisor is to start.
type Plan struct {
	Argv []string
	// Cwd is absolute.
	Cwd string
	Env []string
	// TTY says that the streams are a terminal, which becomes the command's own.
	TTY bool
}

// The fields of a plan are sent as a length and texts with a NUL behind each: none of them may hold one.
const mostPlanBytes = 16 << 20

func (p *Plan) encode() []byte {
	fields := []string{strconv.FormatBool(p.TTY), p.Cwd, strconv.Itoa(len(p.Argv))}
	fields = append(append(fields, p.Argv...), p.Env...)
	text := strings.Join(fields, "\x00")
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...)
}

var errPlan = errors.New("the plan is not one")

func readPlan(from io.Reader) (*Plan, error) {
	var size [4]byte
	if _, err := io.ReadFull(from, size[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(size[:])
	if length > mostPlanBytes {
		return nil, errPlan
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(from, text); err != nil {
		return nil, err
	}
	fields := strings.Split(string(text), "\x00")
	if len(fields) < 4 {
		return nil, errPlan
	}
	count, err := strconv.Atoi(fields[2])
	if err != nil || count < 1 || len(fields) < 3+count {
		return nil, errPlan
	}
	plan := &Plan{TTY: fields[0] == "true", Cwd: fields[1], Argv: fields[3 : 3+count], Env: fields[3+count:]}
	return plan, nil
}

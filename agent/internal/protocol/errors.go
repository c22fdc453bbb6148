// Package protocol has what the header of a frame may say: fields and their bounds, errors, versions and signals.
package protocol

import "fmt"

// Code is one of the closed list of docs/protocol.md.
type Code string

// The codes that an agent answers.
const (
	Cancelled     Code = "cancelled"
	Ended         Code = "ended"
	Exhausted     Code = "exhausted"
	Internal      Code = "internal"
	Invalid       Code = "invalid"
	NoSuchExec    Code = "no_such_exec"
	NoSuchOp      Code = "no_such_op"
	NoSuchSession Code = "no_such_session"
	PastEnd       Code = "past_end"
	SpawnFailed   Code = "spawn_failed"
	StdinClosed   Code = "stdin_closed"
	StdinGap      Code = "stdin_gap"
	TooMany       Code = "too_many"
	Unavailable   Code = "unavailable"
	Version       Code = "version"
)

// Error is an error that the other side is told as it is. The text of any other one may hold paths or secrets.
type Error struct {
	Code    Code
	Message string
	// More has the further fields of the frame, where this code has some.
	More map[string]any
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Errorf makes an error of this code.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Fields returns the header of the error frame on this channel.
func (e *Error) Fields(ch int64) map[string]any {
	fields := map[string]any{"ch": ch, "code": e.Code, "message": e.Message}
	for name, value := range e.More {
		fields[name] = value
	}
	return fields
}

package protocol

import (
	"math"
	"regexp"
	"strings"

	"onmemos.dev/agent/internal/bounds"
)

// MaxWhole is the largest number that a header can hold exactly.
const MaxWhole = 1<<53 - 1

// Fields reads the fields of a header. The first field that is wrong is the error; what is read after it means nothing.
type Fields struct {
	header map[string]any
	err    *Error
}

// FieldsOf reads from this header.
func FieldsOf(header map[string]any) *Fields { return &Fields{header: header} }

// Err is the first error, which names its field.
func (f *Fields) Err() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

func (f *Fields) fail(field, must string) {
	if f.err == nil {
		f.err = Errorf(Invalid, "%s must be %s", field, must)
	}
}

// Has says whether a field is there. Null is the same as left out.
func (f *Fields) Has(field string) bool { return f.header[field] != nil }

// Text reads a field that must be there.
func (f *Fields) Text(field string) string {
	text, is := f.header[field].(string)
	if !is {
		f.fail(field, "a string")
	}
	return text
}

// Whole reads a whole number that must be there.
func (f *Fields) Whole(field string, least, most int64) int64 {
	number, is := f.header[field].(float64)
	if !is || number != math.Trunc(number) || number < float64(least) || number > float64(most) {
		if f.err == nil {
			f.err = Errorf(Invalid, "%s must be a whole number from %d to %d", field, least, most)
		}
		return 0
	}
	return int64(number)
}

// Flag reads true or false, or takes this value where the field is left out.
func (f *Fields) Flag(field string, otherwise bool) bool {
	if !f.Has(field) {
		return otherwise
	}
	flag, is := f.header[field].(bool)
	if !is {
		f.fail(field, "true or false")
	}
	return flag
}

func (f *Fields) texts(field string) []string {
	items, is := f.header[field].([]any)
	if !is {
		f.fail(field, "a list of strings")
		return nil
	}
	texts := make([]string, len(items))
	for i, item := range items {
		text, is := item.(string)
		if !is {
			f.fail(field, "a list of strings")
			return nil
		}
		texts[i] = text
	}
	return texts
}

func (f *Fields) object(field string) map[string]any {
	object, is := f.header[field].(map[string]any)
	if !is {
		f.fail(field, "an object")
	}
	return object
}

var execID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// ID reads a name that a client has made up: an `exec_id`, or the name of a holding reader.
func (f *Fields) ID(field string) string {
	id := f.Text(field)
	if len(id) > bounds.MaxExecIDChars || !execID.MatchString(id) {
		if f.err == nil {
			f.err = Errorf(Invalid, "%s must be up to %d letters, digits, dots, dashes or underscores", field, bounds.MaxExecIDChars)
		}
	}
	return id
}

// ExecID reads the `exec_id` of a call.
func (f *Fields) ExecID() string { return f.ID("exec_id") }

// lastInstant is the last millisecond that the four digits of a year can name.
const lastInstant = 253_402_300_799_999

// Instant reads milliseconds since the epoch.
func (f *Fields) Instant(field string) int64 { return f.Whole(field, 0, lastInstant) }

// Credit reads the credit that a reader grants.
func (f *Fields) Credit() int64 {
	if !f.Has("credit") {
		return bounds.DefaultCreditBytes
	}
	return f.Whole("credit", 1, MaxWhole)
}

// Size is the size of a terminal.
type Size struct{ Cols, Rows uint16 }

// Size reads the size of a terminal from the fields `cols` and `rows`.
func (f *Fields) Size() Size {
	cols := f.Whole("cols", 1, bounds.MaxTerminalCells)
	rows := f.Whole("rows", 1, bounds.MaxTerminalCells)
	return Size{Cols: uint16(cols), Rows: uint16(rows)}
}

func hasNUL(text string) bool { return strings.ContainsRune(text, 0) }

func (f *Fields) env(field string) map[string]string {
	object := f.object(field)
	env := make(map[string]string, len(object))
	for name, value := range object {
		text, is := value.(string)
		if !is || hasNUL(text) {
			f.fail(field+"."+name, "a string without NUL")
			return nil
		}
		if name == "" || strings.ContainsAny(name, "=\x00") {
			f.fail(field, `an object whose names have no "=" and no NUL`)
			return nil
		}
		env[name] = text
	}
	return env
}

// Start is a command that is to be started.
type Start struct {
	ExecID string
	// Command is run by a shell where Argv is empty.
	Command string
	Argv    []string
	// Cwd is empty where it is left out.
	Cwd string
	Env map[string]string
	// TimeoutMS is 0 where there is no timeout.
	TimeoutMS  int64
	TTY        *Size
	Merge      bool
	LogLimitMB int64
	Hold       bool
	Stdin      bool
}

// Field is the field of the start that names the program.
func (s *Start) Field() string {
	if len(s.Argv) > 0 {
		return "argv"
	}
	return "command"
}

// Program is the command line without the shell's name for it.
func (s *Start) Program() []string {
	if len(s.Argv) > 0 {
		return s.Argv
	}
	return []string{"/bin/sh", "-c", s.Command}
}

// ReadStart reads and checks the fields of a `start`.
func ReadStart(header map[string]any) (*Start, error) {
	f := FieldsOf(header)
	start := &Start{}
	if f.Has("command") {
		start.Command = f.Text("command")
	}
	if f.Has("argv") {
		start.Argv = f.texts("argv")
	}
	if f.err == nil && f.Has("command") == f.Has("argv") {
		f.err = Errorf(Invalid, "command or argv must be given, and not both")
	}
	if f.Has("argv") && (len(start.Argv) == 0 || hasNUL(strings.Join(start.Argv, ""))) {
		f.fail("argv", "at least one string, without NUL")
	}
	if hasNUL(start.Command) {
		f.fail("command", "a string without NUL")
	}
	if f.Has("cwd") {
		start.Cwd = f.Text("cwd")
		if start.Cwd == "" || hasNUL(start.Cwd) {
			f.fail("cwd", "a path")
		}
	}
	if f.Has("env") {
		start.Env = f.env("env")
	}
	start.ExecID = f.ExecID()
	if f.Has("timeout_ms") {
		start.TimeoutMS = f.Whole("timeout_ms", 1, MaxWhole)
	}
	if f.Has("tty") {
		inner := FieldsOf(f.object("tty"))
		size := inner.Size()
		if f.err == nil {
			f.err = inner.err
		}
		start.TTY = &size
	}
	start.Merge = f.Flag("merge", false)
	start.LogLimitMB = f.Whole("log_limit_mb", 1, bounds.MaxLogLimitMB)
	if f.Has("when_full") {
		full := f.Text("when_full")
		if full != "hold" && full != "drop_oldest" {
			f.fail("when_full", "hold or drop_oldest")
		}
		start.Hold = full == "hold"
	}
	start.Stdin = f.Flag("stdin", false)
	return start, f.Err()
}

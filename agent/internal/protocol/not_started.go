package protocol

import "syscall"

// Part is what a command could not be started for.
type Part string

// The parts that a complaint may name: what the caller asked for, and what leads to it.
const (
	Program Part = "program"
	Folder  Part = "folder"
	Launch  Part = "launch"
)

// What the system says where something ran out, which is not the caller's to change.
func ranOut(why syscall.Errno) bool {
	switch why {
	case syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE, syscall.ENOSPC, syscall.EDQUOT:
		return true
	}
	return false
}

// What the system says where there is no such program.
func notFound(why syscall.Errno) bool {
	switch why {
	case syscall.ENOENT, syscall.ENOTDIR, syscall.ELOOP, syscall.ENAMETOOLONG:
		return true
	}
	return false
}

// NotStarted is the error of a command that could not be started. The field is the one that names the program.
func NotStarted(part Part, why syscall.Errno, sentence, field string) *Error {
	if part == Launch || ranOut(why) {
		return Errorf(Exhausted, "%s", sentence)
	}
	code := 126
	if part == Program && notFound(why) {
		code = 127
	}
	if part == Folder {
		field = "cwd"
	}
	err := Errorf(SpawnFailed, "%s", sentence)
	err.More = map[string]any{"field": field, "exit_code": code}
	return err
}

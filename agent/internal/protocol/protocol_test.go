package protocol

import (
	"encoding/json"
	"os"
	"reflect"
	"strconv"
	"syscall"
	"testing"
)

type signalVectors struct {
	Numbers    map[string]int
	Sendable   []string
	NotStarted []struct {
		Part     Part
		Errno    string
		Field    string
		ExitCode *int `json:"exit_code"`
	} `json:"not_started"`
}

func readSignals(t *testing.T) signalVectors {
	t.Helper()
	text, err := os.ReadFile("../../../test/vectors/signals.json")
	if err != nil {
		t.Fatal(err)
	}
	var all signalVectors
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Numbers) < 31 || len(all.NotStarted) < 10 {
		t.Fatal("the vectors lack some")
	}
	return all
}

func TestSignalsOfTheVectors(t *testing.T) {
	all := readSignals(t)
	for name, number := range all.Numbers {
		if got := SignalName(syscall.Signal(number)); got != name {
			t.Errorf("%d is %s, and not %s", number, got, name)
		}
	}
	for number := len(all.Numbers) + 1; number <= 64; number++ {
		if got := SignalName(syscall.Signal(number)); got != strconv.Itoa(number) {
			t.Errorf("%d is %s", number, got)
		}
	}
	if !reflect.DeepEqual(sendable, all.Sendable) {
		t.Errorf("%v can be sent, and not %v", sendable, all.Sendable)
	}
	for _, name := range all.Sendable {
		if signal, err := SignalOf(name); err != nil || int(signal) != all.Numbers[name] {
			t.Errorf("%s is %d, %v", name, signal, err)
		}
	}
	for _, name := range []string{"", "SIGTERM", "SEGV", "term", "9"} {
		if _, err := SignalOf(name); err == nil {
			t.Errorf("%q can be sent", name)
		}
	}
}

var errnos = map[string]syscall.Errno{
	"ENOENT": syscall.ENOENT, "ENOTDIR": syscall.ENOTDIR, "ELOOP": syscall.ELOOP, "ENAMETOOLONG": syscall.ENAMETOOLONG,
	"EACCES": syscall.EACCES, "ENOEXEC": syscall.ENOEXEC, "E2BIG": syscall.E2BIG, "EISDIR": syscall.EISDIR,
	"EAGAIN": syscall.EAGAIN, "ENOMEM": syscall.ENOMEM, "EMFILE": syscall.EMFILE, "ENFILE": syscall.ENFILE,
	"ENOSPC": syscall.ENOSPC, "ESRCH": syscall.ESRCH,
}

func TestWhatCouldNotBeStarted(t *testing.T) {
	for _, vector := range readSignals(t).NotStarted {
		errno, known := errnos[vector.Errno]
		if !known {
			t.Fatalf("the test does not know %s", vector.Errno)
		}
		program := vector.Field
		if program == "cwd" {
			program = "argv"
		}
		err := NotStarted(vector.Part, errno, "x", program)
		if vector.ExitCode == nil {
			if err.Code != Exhausted {
				t.Errorf("%s of %s is %s", vector.Errno, vector.Part, err.Code)
			}
			continue
		}
		want := map[string]any{"field": vector.Field, "exit_code": *vector.ExitCode}
		if err.Code != SpawnFailed || !reflect.DeepEqual(err.More, want) {
			t.Errorf("%s of %s is %s %v, and not %v", vector.Errno, vector.Part, err.Code, err.More, want)
		}
	}
}

func TestTheVersionThatBothSpeak(t *testing.T) {
	agree := func(text string) (int64, Code) {
		var hello map[string]any
		if err := json.Unmarshal([]byte(text), &hello); err != nil {
			t.Fatal(err)
		}
		version, err := Agree(hello)
		if err == nil {
			return version, ""
		}
		return version, err.(*Error).Code
	}
	for text, want := range map[string]Code{
		`{"version":1}`:                    "",
		`{"version":9,"oldest":1}`:         "",
		`{"version":9,"oldest":null}`:      Version,
		`{"version":9,"oldest":2}`:         Version,
		`{"version":0}`:                    Version,
		`{"version":1,"oldest":2}`:         Invalid,
		`{}`:                               Invalid,
		`{"version":"1"}`:                  Invalid,
		`{"version":1.5}`:                  Invalid,
		`{"version":9007199254740992}`:     Invalid,
		`{"version":1,"oldest":-1}`:        Invalid,
		`{"version":1,"oldest":"1","x":1}`: Invalid,
	} {
		version, code := agree(text)
		if code != want || (want == "" && version != 1) {
			t.Errorf("%s: %d %q, and not %q", text, version, code, want)
		}
	}
}

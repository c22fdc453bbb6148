package protocol

import (
	"fmt"

	"onmemos.dev/agent/internal/bounds"
)

func versionsText(oldest, newest int64) string {
	if oldest == newest {
		return fmt.Sprintf("version %d", newest)
	}
	return fmt.Sprintf("versions %d to %d", oldest, newest)
}

// Agree returns the version to speak with a client that sent this hello: the highest one that both sides know.
func Agree(hello map[string]any) (int64, error) {
	f := FieldsOf(hello)
	newest := f.Whole("version", 0, MaxWhole)
	oldest := newest
	if f.err == nil && f.Has("oldest") {
		oldest = f.Whole("oldest", 0, newest)
	}
	if f.err != nil {
		return 0, f.err
	}
	version := min(newest, bounds.NewestVersion)
	if version >= max(oldest, bounds.OldestVersion) {
		return version, nil
	}
	refusal := Errorf(Version, "%s of the protocol can't be spoken here, only %s",
		versionsText(oldest, newest), versionsText(bounds.OldestVersion, bounds.NewestVersion))
	refusal.More = map[string]any{"oldest": bounds.OldestVersion, "version": bounds.NewestVersion}
	return 0, refusal
}

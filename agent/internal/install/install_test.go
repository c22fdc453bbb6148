package install

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// The test's own program installs itself, as a process that can be killed.
func TestMain(m *testing.M) {
	if folder := os.Getenv("INSTALL_TO"); folder != "" {
		if To(folder) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func installing(folder string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe")
	cmd.Path, _ = os.Executable()
	cmd.Env = append(os.Environ(), "INSTALL_TO="+folder)
	return cmd
}

func whole(t *testing.T, folder string) bool {
	t.Helper()
	path, _ := os.Executable()
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(folder, Name))
	return err == nil && bytes.Equal(got, want)
}

func TestInstallsItselfAndRepeats(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "folder")
	var first os.FileInfo
	for range 2 {
		if err := installing(folder).Run(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(folder, Name))
		if err != nil || info.Mode() != 0o755 || !whole(t, folder) {
			t.Fatalf("%v, %v", info, err)
		}
		if first != nil && !os.SameFile(first, info) {
			t.Error("a repeat copies again")
		}
		first = info
	}
	entries, _ := os.ReadDir(folder)
	if len(entries) != 1 {
		t.Errorf("%v are there", entries)
	}
}

// Wherever it is killed, the program is there whole or not at all, and the next one mends it.
func TestAKilledInstallLeavesNothingHalf(t *testing.T) {
	folder := t.TempDir()
	halves := 0
	for after := time.Duration(0); after < 40; after++ {
		_ = os.Remove(filepath.Join(folder, Name))
		cmd := installing(folder)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if left, _ := filepath.Glob(filepath.Join(folder, tempPattern)); len(left) > 0 {
			halves++
		}
		if _, err := os.Stat(filepath.Join(folder, Name)); err == nil && !whole(t, folder) {
			t.Fatal("half of it is there")
		}
	}
	t.Logf("%d of 40 were killed midway", halves)
	if err := installing(folder).Run(); err != nil || !whole(t, folder) {
		t.Errorf("the next one does not mend it: %v", err)
	}
	if entries, _ := os.ReadDir(folder); len(entries) != 1 {
		t.Errorf("%v are there", entries)
	}
}

func TestReplacesWhatRuns(t *testing.T) {
	folder := t.TempDir()
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(sleep)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, Name)
	if err := os.WriteFile(path, other, 0o755); err != nil {
		t.Fatal(err)
	}
	running := exec.Command(path, "1000")
	running.Args[0] = "sleep"
	if err := running.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = running.Process.Kill()
		_ = running.Wait()
	}()
	if err := installing(folder).Run(); err != nil || !whole(t, folder) {
		t.Errorf("what runs is not replaced: %v", err)
	}
	// A copy that is not whole, or can't be run, is replaced, too.
	if err := os.WriteFile(path, []byte("half"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := installing(folder).Run(); err != nil || !whole(t, folder) {
		t.Errorf("a half copy is not replaced: %v", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := installing(folder).Run(); err != nil {
		t.Error(err)
	}
	if info, _ := os.Stat(path); info.Mode() != 0o755 {
		t.Errorf("%v", info.Mode())
	}
}

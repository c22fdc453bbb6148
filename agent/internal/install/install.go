// Package install copies the program itself into a folder, such as a volume that an init container shares with a
// session. It needs no shell and no other program.
package install

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Name is the name of the copy.
const Name = "onmemos-agent"

// tempPattern is what an unfinished copy is called; one that was killed leaves it behind.
const tempPattern = "." + Name + ".*.tmp"

// executable is open to every user of an image.
const executable = 0o755

// To copies this program to `folder`. The copy appears whole or not at all, also where the old one runs, and a repeat
// is a success.
func To(folder string) error {
	own, err := os.Open("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("this program can’t read itself: %w", err)
	}
	defer own.Close()
	return copyTo(own, folder)
}

func copyTo(own io.ReadSeeker, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	want, err := sum(own)
	if err != nil {
		return err
	}
	path := filepath.Join(folder, Name)
	if isCopy(path, want) {
		return nil
	}
	left, _ := filepath.Glob(filepath.Join(folder, tempPattern))
	for _, one := range left {
		_ = os.Remove(one)
	}
	temp, err := os.CreateTemp(folder, tempPattern)
	if err != nil {
		return err
	}
	err = errors.Join(fill(temp, own), temp.Close())
	if err == nil && !isCopy(temp.Name(), want) {
		err = fmt.Errorf("%s does not hold what was written", temp.Name())
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return err
	}
	return syncFolder(folder)
}

func fill(temp *os.File, own io.ReadSeeker) error {
	if _, err := own.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(temp, own); err != nil {
		return err
	}
	if err := temp.Chmod(executable); err != nil {
		return err
	}
	return temp.Sync()
}

func syncFolder(folder string) error {
	opened, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer opened.Close()
	return opened.Sync()
}

func sum(of io.Reader) ([]byte, error) {
	hash := sha256.New()
	_, err := io.Copy(hash, of)
	return hash.Sum(nil), err
}

func isCopy(path string, want []byte) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != executable {
		return false
	}
	got, err := sum(file)
	return err == nil && bytes.Equal(got, want)
}

package execlog

import "os"

// Indexes up to this size stay in memory; larger ones of finished segments go to a file beside the data.
const inlineIndexBytes = 256

// segment is a part of a log: a file of pure bytes, and which of them came from which stream at which time.
type segment struct {
	path string
	// start is the offset in the log of its first byte, end the one behind its last.
	start, end int64
	first      runStart
	// written is there while bytes are added.
	written *runs
	// index has the closed runs afterwards; nil where they are in the file beside the data.
	index  []byte
	sealed bool
	file   *os.File
}

func newSegment(path string, start int64, first runStart) *segment {
	return &segment{path: path, start: start, end: start, first: first, written: newRuns(first)}
}

func (s *segment) sidecar() string { return s.path + ".runs" }

func (s *segment) write(data []byte, at int64) error {
	if s.file == nil {
		file, err := os.OpenFile(s.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		s.file = file
	}
	_, err := s.file.WriteAt(data, at)
	return err
}

// putAside closes the file and writes a large index beside it. It returns what is to stay in memory.
func (s *segment) putAside() ([]byte, error) {
	s.closeFile()
	encoded := s.written.encoded
	if len(encoded) > inlineIndexBytes {
		return nil, os.WriteFile(s.sidecar(), encoded, 0o600)
	}
	return append([]byte{}, encoded...), nil
}

func (s *segment) closeFile() {
	if s.file != nil {
		_ = s.file.Close()
		s.file = nil
	}
}

// known returns the closed runs as they are now; nil where they have to be loaded.
func (s *segment) known() []byte {
	if s.written == nil {
		return s.index
	}
	if s.written.encoded == nil {
		return []byte{}
	}
	return s.written.encoded
}

func (s *segment) remove() {
	s.closeFile()
	_ = os.Remove(s.path)
	_ = os.Remove(s.sidecar())
}

// Package bounds has the numbers that both sides of the protocol keep to. docs/protocol.md explains each; a test
// compares them with its table. Sizes are in bytes, times in milliseconds.
package bounds

const (
	kib = 1024
	mib = 1024 * kib
)

// Versions of the protocol.
const (
	OldestVersion = 1
	NewestVersion = 1
)

// Frames.
const (
	PrefixBytes    = 9
	MaxHeaderBytes = mib
	MaxDataBytes   = mib
	MaxChunkBytes  = 256 * kib
)

// Flow control.
const (
	DefaultCreditBytes = 2 * mib
	// Each event takes this of the credit besides its bytes, so that many small events are limited too.
	EventCostBytes = 64
)

// What may be open or wait.
const (
	MaxOpenCalls          = 65_536
	MaxWaitingCallBytes   = 64 * mib
	MaxWaitingStdinBytes  = mib
	MaxWaitingAttachBytes = mib
)

// Fields, and what a session has.
const (
	MaxExecIDChars   = 128
	MaxLogLimitMB    = 1024
	MaxTerminalCells = 65_535
	ListPageExecs    = 500
	MaxRunningExecs  = 256
	MaxExecs         = 20_000
	MaxOpenReads     = 512
)

// Of what a holding reader was sent this much is kept: its connection may have lost it.
const SentKeptBytes = 32 * mib

// Times.
const (
	HoldWaitMS      = 60_000
	TimeoutGraceMS  = 2_000
	GoneTermMS      = 2_000
	GoneKillMS      = 5_000
	DeadlineGraceMS = 2_000
	DeadlineCheckMS = 5_000
	OutputTimeMS    = 50
	OutputQuietMS   = 60
	OutputGraceMS   = 1_000
	LastWordsMS     = 1_000
	PingIntervalMS  = 20_000
	SilentIntervals = 3
)

package bounds

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

var own = map[string]int{
	"OLDEST_VERSION":           OldestVersion,
	"NEWEST_VERSION":           NewestVersion,
	"PREFIX_BYTES":             PrefixBytes,
	"MAX_HEADER_BYTES":         MaxHeaderBytes,
	"MAX_DATA_BYTES":           MaxDataBytes,
	"MAX_CHUNK_BYTES":          MaxChunkBytes,
	"DEFAULT_CREDIT_BYTES":     DefaultCreditBytes,
	"EVENT_COST_BYTES":         EventCostBytes,
	"MAX_OPEN_CALLS":           MaxOpenCalls,
	"MAX_WAITING_CALL_BYTES":   MaxWaitingCallBytes,
	"MAX_WAITING_STDIN_BYTES":  MaxWaitingStdinBytes,
	"MAX_WAITING_ATTACH_BYTES": MaxWaitingAttachBytes,
	"MAX_EXEC_ID_CHARS":        MaxExecIDChars,
	"MAX_LOG_LIMIT_MB":         MaxLogLimitMB,
	"MAX_TERMINAL_CELLS":       MaxTerminalCells,
	"LIST_PAGE_EXECS":          ListPageExecs,
	"MAX_RUNNING_EXECS":        MaxRunningExecs,
	"MAX_EXECS":                MaxExecs,
	"MAX_OPEN_READS":           MaxOpenReads,
	"SENT_KEPT_BYTES":          SentKeptBytes,
	"HOLD_WAIT_MS":             HoldWaitMS,
	"TIMEOUT_GRACE_MS":         TimeoutGraceMS,
	"GONE_TERM_MS":             GoneTermMS,
	"GONE_KILL_MS":             GoneKillMS,
	"DEADLINE_GRACE_MS":        DeadlineGraceMS,
	"DEADLINE_CHECK_MS":        DeadlineCheckMS,
	"OUTPUT_TIME_MS":           OutputTimeMS,
	"OUTPUT_QUIET_MS":          OutputQuietMS,
	"OUTPUT_GRACE_MS":          OutputGraceMS,
	"LAST_WORDS_MS":            LastWordsMS,
	"PING_INTERVAL_MS":         PingIntervalMS,
	"SILENT_INTERVALS":         SilentIntervals,
}

// The table of docs/protocol.md and this package name the same bounds, with the same values.
func TestBoundsAreThoseOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("../../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| (\\d+) \\|").FindAllSubmatch(page, -1)
	documented := map[string]int{}
	for _, row := range rows {
		value, err := strconv.Atoi(string(row[2]))
		if err != nil {
			t.Fatal(err)
		}
		documented[string(row[1])] = value
	}
	for name, value := range documented {
		if got, has := own[name]; !has || got != value {
			t.Errorf("%s is %d in the docs and %d here", name, value, got)
		}
	}
	for name := range own {
		if _, has := documented[name]; !has {
			t.Errorf("%s is not in the docs", name)
		}
	}
}

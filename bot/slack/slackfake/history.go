package slackfake

import (
	"slices"
	"strconv"
	"strings"
)

// history is docs.slack.dev/reference/methods/conversations.history: newest
// first, without what was said in threads.
func (s *Server) history(params map[string]any) result {
	c := s.channels[str(params, "channel")]
	if c == nil {
		return failed("channel_not_found")
	}
	if c.outside {
		return failed("not_in_channel")
	}
	var all []*Message
	for _, m := range slices.Backward(c.messages) {
		if m.ThreadTS == "" || m.ThreadTS == m.TS {
			all = append(all, m)
		}
	}
	return page(all, params, func(*Message) bool { return false })
}

// replies is docs.slack.dev/reference/methods/conversations.replies: the first
// message of the thread, then its replies, oldest first.
func (s *Server) replies(params map[string]any) result {
	c := s.channels[str(params, "channel")]
	if c == nil {
		return failed("channel_not_found")
	}
	if c.outside {
		return failed("not_in_channel")
	}
	ts := str(params, "ts")
	if m := c.find(ts); m != nil && m.ThreadTS != "" {
		ts = m.ThreadTS
	}
	var all []*Message
	for _, m := range c.messages {
		if m.TS == ts || m.ThreadTS == ts {
			all = append(all, m)
		}
	}
	if len(all) == 0 {
		return failed("thread_not_found")
	}
	return page(all, params, func(m *Message) bool { return m.TS == ts })
}

// page picks from messages what oldest, latest, inclusive, limit and cursor
// ask for. docs.slack.dev/apis/web-api/pagination.
func page(all []*Message, params map[string]any, always func(*Message) bool) result {
	oldest, latest := str(params, "oldest"), str(params, "latest")
	inclusive := truth(params, "inclusive", false)
	limit, _ := strconv.Atoi(str(params, "limit"))
	if limit <= 0 {
		limit = 100
	}
	limit = min(limit, 999)
	start := 0
	if cursor := str(params, "cursor"); cursor != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(cursor, "next:"))
		if err != nil || !strings.HasPrefix(cursor, "next:") {
			return failed("invalid_cursor")
		}
		start = n
	}
	var fit []*Message
	for _, m := range all {
		after := oldest == "" || compareTS(m.TS, oldest) > 0 || (inclusive && compareTS(m.TS, oldest) == 0)
		before := latest == "" || compareTS(m.TS, latest) < 0 || (inclusive && compareTS(m.TS, latest) == 0)
		if always(m) || (after && before) {
			fit = append(fit, m)
		}
	}
	if start > len(fit) {
		return failed("invalid_cursor")
	}
	end := min(start+limit, len(fit))
	messages := []any{}
	for _, m := range fit[start:end] {
		messages = append(messages, m.wire(truth(params, "include_all_metadata", false)))
	}
	next := ""
	if end < len(fit) {
		next = "next:" + strconv.Itoa(end)
	}
	return ok(map[string]any{
		"messages": messages, "has_more": next != "", "response_metadata": map[string]any{"next_cursor": next},
	})
}

// isTS says whether s is a timestamp.
func isTS(s string) bool {
	seconds, micros, found := strings.Cut(s, ".")
	if _, err := strconv.ParseUint(seconds, 10, 63); err != nil || !found {
		return false
	}
	_, err := strconv.ParseUint(micros, 10, 63)
	return err == nil
}

// compareTS compares timestamps of any precision as numbers.
func compareTS(a, b string) int {
	parse := func(s string) (int64, int64) {
		seconds, micros, _ := strings.Cut(s, ".")
		micros = (micros + "000000")[:6]
		x, _ := strconv.ParseInt(seconds, 10, 64)
		y, _ := strconv.ParseInt(micros, 10, 64)
		return x, y
	}
	ax, ay := parse(a)
	bx, by := parse(b)
	if ax != bx {
		return int(ax - bx)
	}
	return int(ay - by)
}

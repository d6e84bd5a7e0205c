package main

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"strings"
	"sync"
	"time"

	"rapporteur/calendar"
	"rapporteur/handlers"
)

const (
	// revisionsKept is for how long revisions are not read again: another replica
	// may have raised one.
	revisionsKept = 15 * time.Second
	// mostFeeds bounds how many feeds are kept.
	mostFeeds = 256
)

// feedShelf keeps the feeds of one state of the calendar and of its revisions, so
// that whoever asks again and again costs nothing. The zero value is ready to use.
type feedShelf struct {
	mu        sync.Mutex // held while a feed is written: one at a time
	calendar  *calendar.Calendar
	hour      time.Time
	revisions map[string]calendar.Revision
	read      time.Time // when the revisions were
	feeds     map[string]feedFile
	written   int // how many feeds were, for the tests
}

// feedFile is a feed as it is served.
type feedFile struct{ text, etag string }

// file returns a feed, which is written only where the calendar, its revisions or
// the hour are others than last time.
func (s *feedShelf) file(ctx context.Context, n *newsroom, name string, within func(id string) bool) (feedFile, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cal, now := n.known.Load().knowledge.calendar, n.clock()
	if hour := now.Truncate(time.Hour); s.calendar != cal || !s.hour.Equal(hour) {
		s.calendar, s.hour, s.revisions, s.feeds = cal, hour, nil, nil
	}
	if s.revisions == nil || now.Sub(s.read).Abs() > revisionsKept {
		revisions, err := n.corrector.Revisions(ctx)
		if err != nil {
			return feedFile{}, err
		}
		if s.revisions == nil || !maps.EqualFunc(revisions, s.revisions, sameRevision) {
			s.feeds = nil
		}
		s.revisions, s.read = revisions, now
	}
	names := []string{name}
	for _, p := range cal.Processes() {
		if within(p.ID) {
			names = append(names, p.ID)
		}
	}
	key := strings.Join(names, "\n")
	if kept, has := s.feeds[key]; has {
		return kept, nil
	}
	sessions, _ := handlers.FileSessions(cal, within, now, true)
	data, err := cal.ICS(calendar.Feed{Name: name, Sessions: sessions, Revisions: s.revisions, Processes: within})
	if err != nil {
		return feedFile{}, err
	}
	sum := sha256.Sum256(data)
	file := feedFile{text: string(data), etag: `"` + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:15])) + `"`}
	if s.feeds == nil || len(s.feeds) >= mostFeeds {
		s.feeds = map[string]feedFile{}
	}
	s.feeds[key] = file
	s.written++
	return file, nil
}

func sameRevision(a, b calendar.Revision) bool {
	return a.Sequence == b.Sequence && a.Gone == b.Gone && a.Changed.Equal(b.Changed) && a.Last == b.Last
}

package bot

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strconv"
	"strings"
	"time"
)

// The states of a [Subscription].
const (
	// SubscriptionActive is delivered.
	SubscriptionActive = "active"
	// SubscriptionPaused waits until somebody wakes it.
	SubscriptionPaused = "paused"
	// SubscriptionGone has no room any more: archived, left.
	SubscriptionGone = "gone"
)

// Subscription is a room's standing order.
type Subscription struct {
	// ID is a small number that people type.
	ID int64
	// Room asked for it and gets it.
	Room Room
	// Kind says what is ordered, such as "digest".
	Kind string
	// Cron and Zone say when: a cron expression and the time zone it is read in.
	Cron, Zone string
	// Options are what else the order says.
	Options map[string]string
	// CreatedBy names the person within the platform.
	CreatedBy string
	// CreatedAt is when it was ordered.
	CreatedAt time.Time
	// Next is the next due instant in UTC; zero for none.
	Next time.Time
	// Slot is the civil time that Next stands for, such as "2026-11-30T08:00".
	// It stays the same when the rules of the zone change.
	Slot string
	// State is active, paused or gone.
	State string
	// Reason says why it is in that state; empty where nobody said.
	Reason string
	// StateAt is when it came into that state; zero where it never changed.
	StateAt time.Time
	// Broken says why what was written down of it cannot be read; empty where it
	// can.
	Broken string
}

// Plan is what is to be written down for a subscription at once: its occurrences
// that have come, planned or missed, and its next one.
type Plan struct {
	// Subscription is as it was read: nothing is written where it has changed.
	Subscription Subscription
	// Occurrences have a Slot, a Due, a State and a Reason; one that may be in its
	// room for all that the ledger knows is Doubtful and has a FirstTried.
	Occurrences []Delivery
	// Next and Slot are the next occurrence; zero and empty for none.
	Next time.Time
	Slot string
}

// ErrTakenOver means that a delivery is not in the hands of the claim that wants
// to settle it any more: its lease ran out and somebody else has claimed it, or
// it was called off.
var ErrTakenOver = errors.New("the delivery was taken over or called off")

// The states of a [Delivery].
const (
	// DeliveryPlanned waits for somebody to post it.
	DeliveryPlanned = "planned"
	// DeliverySending is being posted, or was when a process died.
	DeliverySending = "sending"
	// DeliverySent is in the room.
	DeliverySent = "sent"
	// DeliveryFailed will not be tried again.
	DeliveryFailed = "failed"
	// DeliveryMissed was never tried, and Reason says why.
	DeliveryMissed = "missed"
)

// ReasonUnsubscribed is why a delivery failed whose subscription was ended.
const ReasonUnsubscribed = "unsubscribed"

// Delivery is one edition on its way to the room of one subscription.
type Delivery struct {
	// Key names it: an opaque identifier, see [DeliveryKey].
	Key string
	// Subscription is what it is delivered for.
	Subscription Subscription
	// Slot is the civil time that names the edition; Due is its instant.
	Slot string
	Due  time.Time
	// Attempt counts the claims: 1 for the first. It is the fencing token of the
	// claim: once another one is made, only that one may settle the delivery.
	Attempt int
	// FirstTried is when it was first claimed; zero for never.
	FirstTried time.Time
	// Doubtful is set when an earlier attempt ended without a word, so that the
	// edition may be in the room already: as in [Post.Doubtful].
	Doubtful bool
	// State is planned, sending, sent, failed or missed.
	State string
	// Reason says why it is planned again, failed or missed; [ReasonUnsubscribed]
	// where it was called off.
	Reason string
	// Body is what the edition says, as whoever writes it writes it down, from the
	// moment an attempt may have reached the room until it is sent.
	Body []byte
	// Receipt names the posted message within the room, once it is sent.
	Receipt string
	// DoneAt is when it was sent, given up or missed; zero before.
	DoneAt time.Time
}

// DeliveryKey names the delivery of the edition slot for a subscription: 26
// characters, the same on every replica and after every restart. Platforms show
// it to others, so it tells them nothing.
func DeliveryKey(subscription int64, slot string) string {
	sum := sha256.Sum256([]byte(strconv.FormatInt(subscription, 10) + "|" + slot))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

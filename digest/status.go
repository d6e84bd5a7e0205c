package digest

import (
	"context"
	"fmt"
	"time"

	"rapporteur/bot"
)

const (
	// looksBack bounds how many deliveries of a room the status counts.
	looksBack = 2000
	// countedFor is for how long deliveries count.
	countedFor = 90 * 24 * time.Hour
	// toldOfMisses is how many missed editions the status names.
	toldOfMisses = 10
)

// tally is what became of the editions of a subscription.
type tally struct {
	sent, late, missed, waiting int
	empty                       int          // had nothing new to say, and did not come
	last                        bot.Delivery // the latest that was sent
	misses                      []bot.Delivery
}

func (t *tally) add(d bot.Delivery) {
	switch {
	case d.State == bot.DeliverySent && d.Receipt == "":
		t.empty++
	case d.State == bot.DeliveryFailed && d.Reason == bot.ReasonUnsubscribed: // called off
	case d.State == bot.DeliverySent:
		t.sent++
		if lateness(d) > 0 {
			t.late++
		}
		if t.last.Key == "" { // they come newest first
			t.last = d
		}
	case d.State == bot.DeliveryMissed || d.State == bot.DeliveryFailed:
		t.missed++
		t.misses = append(t.misses, d)
	default:
		t.waiting++
	}
}

// lateness is how much later than due an edition was sent; 0 where nobody would
// notice.
func lateness(d bot.Delivery) time.Duration {
	if late := d.DoneAt.Sub(d.Due); late >= noticeable {
		return late
	}
	return 0
}

// status says how the digests of a room do: last, next, late and missed.
func (d desk) status(ctx context.Context, m bot.Message) (bot.Reply, error) {
	have, err := d.book.Subscriptions(ctx, m.Room)
	if err != nil {
		return nil, fmt.Errorf("status: %w", err)
	}
	deliveries, err := d.book.Deliveries(ctx, m.Room, looksBack)
	if err != nil {
		return nil, fmt.Errorf("status: %w", err)
	}
	var all tally
	each := map[int64]*tally{}
	for _, row := range deliveries {
		if m.SentAt.Sub(row.Due) > countedFor {
			continue
		}
		all.add(row)
		of := each[row.Subscription.ID]
		if of == nil {
			of = &tally{}
			each[row.Subscription.ID] = of
		}
		of.add(row)
	}
	if len(have) == 0 && len(all.misses) == 0 {
		return bot.Say("This room has no subscriptions. To get a digest every Monday, write: subscribe " + example + "."), nil
	}
	reply := bot.Reply{bot.Lead{Text: fmt.Sprintf("This room has %s. In the last 90 days: %d sent, %d of them late, %d missed.",
		bot.Count(len(have), "subscription"), all.sent, all.late, all.missed)}}
	var items []string
	for _, sub := range have {
		items = append(items, "#"+number(sub)+" "+Phrase(sub)+" — "+state(sub)+d.next(sub, m.SentAt)+"; "+each[sub.ID].words(sub))
	}
	if len(items) > 0 {
		reply = append(reply, bot.List{Items: items})
	}
	if len(all.misses) == 0 {
		return reply, nil
	}
	var misses []string
	for _, row := range all.misses[:min(toldOfMisses, len(all.misses))] {
		misses = append(misses, "#"+number(row.Subscription)+" of "+slotWords(row)+": "+row.State+", "+row.Reason)
	}
	heading := "Missed"
	if more := len(all.misses) - len(misses); more > 0 {
		heading = fmt.Sprintf("Missed, the latest %d of %d", toldOfMisses, len(all.misses))
	}
	return append(reply, bot.Heading{Text: heading}, bot.List{Items: misses}), nil
}

// words say what became of the editions of a subscription. A nil tally is one of
// nothing.
func (t *tally) words(sub bot.Subscription) string {
	if t == nil {
		return "none sent yet"
	}
	words := "none sent yet"
	if t.last.Key != "" {
		words = "last " + slotWords(t.last)
		if late := lateness(t.last); late > 0 {
			words += ", sent " + wordingIn(English).duration(late) + " late"
		}
	}
	words += fmt.Sprintf("; %d sent, %d late, %d missed", t.sent, t.late, t.missed)
	if t.empty > 0 {
		words += fmt.Sprintf(", %d with nothing new", t.empty)
	}
	if t.waiting > 0 && sub.State == bot.SubscriptionActive {
		words += fmt.Sprintf(", %d on the way", t.waiting)
	}
	return words
}

// slotWords writes when an edition was due, by the clocks of its room.
func slotWords(d bot.Delivery) string {
	zone, err := loadZone(d.Subscription.Zone)
	if err != nil {
		return d.Slot
	}
	return d.Due.In(zone).Format("Mon 2 Jan 2006, 15:04")
}

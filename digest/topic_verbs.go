package digest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// TopicBook keeps what rooms follow.
type TopicBook interface {
	Once
	// Follow keeps a topic and returns it with its number. Where the room follows
	// it already, it returns that one and an error.
	Follow(ctx context.Context, t bot.Followed) (bot.Followed, error)
	// Following returns what a room follows, by number.
	Following(ctx context.Context, room bot.Room) ([]bot.Followed, error)
	// Unfollow ends it.
	Unfollow(ctx context.Context, room bot.Room, id int64) error
}

const (
	// mostFollowed bounds what one room may follow.
	mostFollowed = 50
	longestTopic = 100
)

// TopicVerbs returns the verbs with which people follow a topic until it turns up.
func TopicVerbs(book TopicBook) []bot.Verb {
	d := topicDesk{book}
	return []bot.Verb{
		{
			Name: "follow", Usage: "follow [TOPIC]", Manages: true,
			Summary:  "tell this room once, when record or calendar gain something on a topic",
			Examples: []string{"follow critical infrastructure", "follow Global Mechanism", "follow"},
			Handler:  once(book, d.follow),
		},
		{
			Name: "unfollow", Usage: "unfollow N|TOPIC", Manages: true,
			Summary:  "follow a topic no more",
			Examples: []string{"unfollow 2", "unfollow critical infrastructure"},
			Handler:  once(book, d.unfollow),
		},
	}
}

type topicDesk struct{ book TopicBook }

func (d topicDesk) follow(ctx context.Context, m bot.Message) (bot.Reply, error) {
	topic := topicOf(m.Text)
	have, err := d.book.Following(ctx, m.Room)
	if err != nil {
		return nil, fmt.Errorf("follow: %w", err)
	}
	switch {
	case topic == "" && len(have) == 0:
		return bot.Say("This room follows nothing. Name a topic, for example: follow critical infrastructure"), nil
	case topic == "":
		return bot.Reply{bot.Lead{Text: "This room follows " + bot.Count(len(have), "topic") + "."}, bot.List{Items: followedLines(have)}}, nil
	case utf8.RuneCountInString(topic) > longestTopic:
		return bot.Say(fmt.Sprintf("That is longer than %d characters; name the topic in a few words, for example: follow critical infrastructure", longestTopic)), nil
	case len(topicWords(topic)) == 0:
		return bot.Say(quoted(topic) + " holds no word that could be found; try: follow critical infrastructure"), nil
	case len(have) >= mostFollowed:
		return bot.Say(fmt.Sprintf("This room follows %d topics, and more than that would be noise; end one with unfollow N first.", len(have))), nil
	}
	t, err := d.book.Follow(ctx, bot.Followed{Room: m.Room, Text: topic, CreatedBy: m.Sender, CreatedAt: m.SentAt})
	if err != nil && t.ID == 0 {
		return nil, fmt.Errorf("follow: %w", err)
	}
	opening := "This room follows " + topic + " from now on"
	if err != nil {
		opening = "This room follows " + topic + " already, since " + calendar.FromTime(t.CreatedAt).String()
	}
	return bot.Reply{
		bot.Lead{Text: fmt.Sprintf("%s, as number %d.", opening, t.ID)},
		bot.Paragraph{Text: "It is told once, when the record or the calendar gain something on it; what they hold today does not count."},
		bot.Actions{{Label: "What there is today", Command: "quote " + topic}, {Label: "Unfollow", Command: "unfollow " + strconv.FormatInt(t.ID, 10)}},
	}, nil
}

// topicOf is a topic as people write it, in one line.
func topicOf(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return unquoted(strings.Join(strings.Fields(text), " "))
}

func followedLines(topics []bot.Followed) []string {
	lines := make([]string, len(topics))
	for i, t := range topics {
		lines[i] = fmt.Sprintf("%d: %s, since %s", t.ID, t.Text, calendar.FromTime(t.CreatedAt))
	}
	return lines
}

func (d topicDesk) unfollow(ctx context.Context, m bot.Message) (bot.Reply, error) {
	have, err := d.book.Following(ctx, m.Room)
	if err != nil {
		return nil, fmt.Errorf("unfollow: %w", err)
	}
	if len(have) == 0 {
		return bot.Say("This room follows nothing, so there is nothing to end."), nil
	}
	asked := topicOf(m.Text)
	for _, t := range have {
		if asked != "" && (strings.EqualFold(asked, t.Text) || numbered(asked) == t.ID) {
			if err := d.book.Unfollow(ctx, m.Room, t.ID); err != nil {
				return nil, fmt.Errorf("unfollow: %w", err)
			}
			return bot.Reply{
				bot.Lead{Text: "This room follows " + t.Text + " no more."},
				bot.Actions{{Label: "Follow again", Command: "follow " + t.Text}},
			}, nil
		}
	}
	return bot.Reply{bot.Paragraph{Text: "Say which one, for example unfollow " + strconv.FormatInt(have[0].ID, 10) + ". This room follows:"}, bot.List{Items: followedLines(have)}}, nil
}

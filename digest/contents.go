package digest

import (
	"fmt"
	"strings"

	"rapporteur/bot"
)

// contents says what will be in a digest: its sections, what it is about, how far
// it looks ahead, and in which language.
func contents(sub bot.Subscription) string {
	lead := LeadDays(sub.Options, leadDays)
	line := fmt.Sprintf("In it: the week ahead, the next %d days, deadlines in the next %d days, what has changed since the last edition, what is new in the corpus, and what the record says on the next session's topic; ", lead, max(lead, deadlineDays))
	topics, processes := Topics(sub.Options), names(sub.Options[OptionProcesses])
	switch {
	case len(topics) == 0 && len(processes) == 0:
		line += "on all processes and topics"
	case len(topics) == 0:
		line += "on the processes " + listed(processes)
	case len(processes) == 0:
		line += "on " + listed(topics)
	default:
		line += "on " + listed(topics) + ", with the sessions of " + listed(processes)
	}
	line += ", in " + languageNames()[Language(sub.Options)] + "."
	if sub.Options[OptionEmpty] == EmptySkip {
		line += " When there is nothing new, nothing comes."
	}
	return line
}

// listed writes "a, b and c".
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// languageNames are the English names of the languages of editions.
func languageNames() map[string]string {
	return map[string]string{"ar": "Arabic", English: "English", "es": "Spanish", "fr": "French", "ru": "Russian", "zh": "Chinese"}
}

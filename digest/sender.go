package digest

import (
	"golang.org/x/text/language"

	"rapporteur/bot"
)

// orderOf reads what a person typed behind "subscribe". Where they name no time
// zone or no language, theirs are taken, as far as the platform knows them and
// they are ones that a digest can have; zoned says that the zone is theirs.
func orderOf(m bot.Message) (request Request, zoned bool, err error) {
	p := phrase{senderZone: m.Zone}
	request, err = p.parse(m.Text)
	if err != nil {
		return Request{}, false, err
	}
	if _, said := request.Options[OptionLanguage]; !said {
		// English goes without saying.
		if own, spoken := spokenBy(m.Language); spoken && own != English {
			if request.Options == nil {
				request.Options = map[string]string{}
			}
			request.Options[OptionLanguage] = own
		}
	}
	return request, p.zoned, nil
}

// spokenBy returns the language of a BCP 47 tag such as "fr-CH", where it is one
// that digests are written in.
func spokenBy(tag string) (string, bool) {
	read, err := language.Parse(tag)
	if err != nil {
		return "", false
	}
	base, sure := read.Base()
	if sure == language.No {
		return "", false
	}
	own, err := readLanguage(base.String())
	return own, err == nil
}

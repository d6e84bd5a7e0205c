package matrix

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/rs/zerolog"
)

// quiet returns a logger for mautrix that hands lines to log. Here and nowhere
// else zerolog meets slog.
func quiet(log *slog.Logger) zerolog.Logger {
	return zerolog.New(logWriter{log}).Level(zerolog.InfoLevel)
}

// logWriter turns zerolog's lines into slog's. It passes on the few fields that
// cannot hold what people say: mautrix puts whole bodies into "req_body".
type logWriter struct{ log *slog.Logger }

// Write implements [io.Writer].
func (w logWriter) Write(p []byte) (int, error) { return w.WriteLevel(zerolog.InfoLevel, p) }

// WriteLevel implements [zerolog.LevelWriter].
func (w logWriter) WriteLevel(level zerolog.Level, p []byte) (int, error) {
	var fields map[string]any
	if err := json.Unmarshal(p, &fields); err != nil {
		return len(p), nil //nolint:nilerr // a line that is no JSON is not worth failing for
	}
	message, _ := fields[zerolog.MessageFieldName].(string)
	to := slog.LevelInfo
	switch {
	case message == "Request canceled": // how every stop ends
		to = slog.LevelDebug
	case level >= zerolog.ErrorLevel:
		to = slog.LevelWarn // whoever made the request decides how bad it is
	case level == zerolog.WarnLevel:
		to = slog.LevelWarn
	}
	attrs := []slog.Attr{slog.String("said", message)}
	for _, name := range []string{"method", "status_code", "duration", "retry_in_seconds", "error"} {
		if value, ok := fields[name]; ok {
			attrs = append(attrs, slog.Any(name, value))
		}
	}
	w.log.LogAttrs(context.Background(), to, "mautrix", attrs...)
	return len(p), nil
}

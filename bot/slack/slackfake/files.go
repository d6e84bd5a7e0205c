package slackfake

import (
	"encoding/json"
	"io"
	"net/http"
)

// File is a file that the app has uploaded.
// docs.slack.dev/messaging/working-with-files#uploading_files.
type File struct {
	ID, Name, Title string
	// Data is what it holds; nil while it has not come.
	Data []byte
	// Channel and ThreadTS are where it is shared; empty while it is not.
	Channel, ThreadTS string
}

// Files returns the files of the app, shared or not, in their order.
func (s *Server) Files() []File {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []File
	for _, f := range s.files {
		all = append(all, *f)
	}
	return all
}

func (s *Server) file(id string) *File {
	for _, f := range s.files {
		if f.ID == id {
			return f
		}
	}
	return nil
}

// uploadURL is docs.slack.dev/reference/methods/files.getUploadURLExternal.
func (s *Server) uploadURL(params map[string]any) result {
	f := &File{ID: s.newID("F"), Name: str(params, "filename")}
	if f.Name == "" || str(params, "length") == "" || str(params, "length") == "0" {
		return failed("invalid_arguments")
	}
	s.files = append(s.files, f)
	return ok(map[string]any{"upload_url": s.base + "/upload/" + f.ID, "file_id": f.ID})
}

// serveUpload takes the bytes of a file.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	fault, faulty := s.takeFault("upload")
	if faulty && !fault.Store {
		s.fail(w, r, fault)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	var data []byte
	var err error
	if part, _, partErr := r.FormFile("file"); partErr == nil {
		data, err = io.ReadAll(part)
	} else {
		data, err = io.ReadAll(r.Body)
	}
	s.mu.Lock()
	f := s.file(r.PathValue("id"))
	if f != nil && err == nil {
		f.Data = data
	}
	s.touch()
	s.mu.Unlock()
	switch {
	case faulty:
		s.fail(w, r, fault)
	case f == nil || err != nil:
		http.Error(w, "no such upload", http.StatusNotFound)
	default:
		_, _ = io.WriteString(w, "OK") // the client may be gone
	}
}

// completeUpload is docs.slack.dev/reference/methods/files.completeUploadExternal.
// It says nothing of the message that shares the file.
func (s *Server) completeUpload(params map[string]any) result {
	var wanted []struct{ ID, Title string }
	if json.Unmarshal(raw(params, "files"), &wanted) != nil || len(wanted) == 0 {
		return failed("invalid_arguments")
	}
	channelID := str(params, "channel_id")
	if channelID != "" {
		if _, code := s.reach(channelID); code != "" {
			return failed(code)
		}
	}
	var done []any
	for _, w := range wanted {
		f := s.file(w.ID)
		if f == nil || f.Data == nil {
			return failed("file_not_found")
		}
		f.Title, f.Channel, f.ThreadTS = w.Title, channelID, str(params, "thread_ts")
		done = append(done, map[string]any{"id": f.ID, "title": f.Title})
	}
	return ok(map[string]any{"files": done})
}

// fileInfo is docs.slack.dev/reference/methods/files.info.
func (s *Server) fileInfo(params map[string]any) result {
	f := s.file(str(params, "file"))
	if f == nil {
		return failed("file_not_found")
	}
	shares := map[string]any{}
	if f.Channel != "" {
		shares["public"] = map[string]any{f.Channel: []any{map[string]any{"ts": s.newTS(), "thread_ts": f.ThreadTS}}}
	}
	return ok(map[string]any{"file": map[string]any{"id": f.ID, "name": f.Name, "title": f.Title, "size": len(f.Data), "shares": shares}})
}

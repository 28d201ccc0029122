package pwa

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// site is the built front end by URL path. It is small (a budget holds it under 250 KB),
// so it is read, hashed and compressed once at start.
type site map[string]*file

type file struct {
	kind, cache string
	plain       body
	zipped      *body // nil where compressing does not pay
}

type body struct {
	bytes []byte
	etag  string
}

func load(fsys fs.FS) site {
	s := site{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		if err == nil {
			s["/"+name] = newFile(name, data)
		}
		return err
	})
	if err != nil {
		panic("pwa: the embedded front end cannot be read: " + err.Error())
	}
	// Both names answer 200: a redirected reply in the worker's cache breaks offline navigation.
	if index := s["/index.html"]; index != nil {
		s["/"] = index
	}
	return s
}

func newFile(name string, data []byte) *file {
	sum := sha256.Sum256(data)
	tag := base64.RawURLEncoding.EncodeToString(sum[:9])
	f := &file{kind: contentType(name), cache: "no-cache", plain: body{data, `"` + tag + `"`}}
	if strings.HasPrefix(name, "assets/") {
		f.cache = "public, max-age=31536000, immutable" // the hash is in the name
	}
	if small := compress(data); len(small) < len(data)*9/10 {
		f.zipped = &body{small, `"` + tag + `-gz"`}
	}
	return f
}

// contentType does not ask the machine's own mime tables, which differ.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json"
	case ".map":
		return "application/json"
	case ".woff2":
		return "font/woff2"
	default:
		return mime.TypeByExtension(ext)
	}
}

func compress(data []byte) []byte {
	var buf bytes.Buffer
	w, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	w.Write(data)
	w.Close()
	return buf.Bytes()
}

// write leaves conditional requests, ranges and HEAD to the standard library.
func (f *file) write(w http.ResponseWriter, r *http.Request) {
	h, b := w.Header(), f.plain
	if f.zipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			b = *f.zipped
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", f.cache)
	h.Set("ETag", b.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.bytes))
}

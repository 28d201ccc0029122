package health

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestCommand(t *testing.T) {
	status := http.StatusOK
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "GET" || r.URL.Path != "/api/health" && r.URL.Path != "/api/notify/health" {
			t.Errorf("asked for %s %s", r.Method, r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	defer srv.Close()
	down := httptest.NewServer(http.NotFoundHandler())
	address := down.Listener.Addr().String()
	down.Close()

	for _, c := range []struct {
		name    string
		args    []string
		status  int
		handled bool
		code    int
	}{
		{"nothing asked", nil, 200, false, 0},
		{"another command", []string{"serve"}, 200, false, 0},
		{"up", []string{"health", "--http=" + srv.Listener.Addr().String()}, 200, true, 0},
		{"unwell", []string{"health", "--http=" + srv.Listener.Addr().String()}, 503, true, 1},
		{"down", []string{"health", "--http", address}, 200, true, 1},
		{"no address", []string{"health", "--http=8090"}, 200, true, 1},
		{"unknown flag", []string{"health", "--port=1"}, 200, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			status = c.status
			if handled, code := Command(c.args); handled != c.handled || code != c.code {
				t.Errorf("got %v %d", handled, code)
			}
		})
	}
}

// TestStopped: that pushes are stopped is said; the server is well.
func TestStopped(t *testing.T) {
	for push, says := range map[string]bool{"on": false, "off": false, "stopped": true} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/notify/health" {
				fmt.Fprintf(w, `{"push":%q}`, push)
			}
		}))
		var said bytes.Buffer
		err := run([]string{"--http=" + srv.Listener.Addr().String()}, &said)
		srv.Close()
		if err != nil || (said.Len() > 0) != says {
			t.Errorf("%s: %v, said %q", push, err, said.String())
		}
	}
}

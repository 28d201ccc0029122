package sync_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/sync"
)

// Shopping lists that a household shares, offline in the shop's basement. Two
// declarations and two mutations make a PocketBase app of it that syncs.
func groceries() sync.Config {
	return sync.Config{
		Buckets: []sync.Bucket{{
			Kind:    "list",
			Members: `SELECT l.id AS key, j.value AS user FROM lists l, json_each(l.people) j`,
			Watches: []sync.Watch{{Table: "lists", Columns: []string{"people"}, Keys: `SELECT {row}.id`}},
		}},
		Collections: []sync.Collection{
			{Name: "lists", Bucket: "list", Key: `{row}.id`, Columns: []string{"title"}},
			{Name: "items", Bucket: "list", Key: `{row}.list`, Columns: []string{"list", "what", "bought"},
				Merge: map[string]sync.Kind{"what": sync.Scalar}},
		},
		Mutations: []sync.Mutation{
			sync.Handle("item.add", addItem),
			sync.Handle("item.rename", renameItem),
		},
	}
}

type addArgs struct {
	ID   string `json:"id"` // made on the phone, so that it has it before the server
	List string `json:"list"`
	What string `json:"what"`
}

// addItem says who may; PocketBase's own validation says what may be.
func addItem(c *sync.Context, a addArgs) error {
	list, err := c.App.FindRecordById("lists", a.List)
	if err != nil {
		return sync.Reject(sync.CodeGone, "list.gone")
	}
	if !slices.Contains(list.GetStringSlice("people"), c.User.Id) {
		return sync.Reject(sync.CodeForbidden, "list.not_yours")
	}
	if a.What == "" {
		return sync.Reject(sync.CodeRule, "item.nothing")
	}
	items, err := c.App.FindCollectionByNameOrId("items")
	if err != nil {
		return err // a failure: the phone tries again
	}
	item := core.NewRecord(items)
	item.Load(map[string]any{"id": a.ID, "list": a.List, "what": a.What})
	return c.App.Save(item)
}

type renameArgs struct {
	ID   string `json:"id"`
	Was  string `json:"was"` // what the sender saw
	What string `json:"what"`
}

func renameItem(c *sync.Context, a renameArgs) error {
	item, err := c.App.FindRecordById("items", a.ID)
	if err != nil {
		return sync.Reject(sync.CodeGone, "item.gone")
	}
	if err := c.Merge(item, map[string]any{"what": a.Was}, map[string]any{"what": a.What}); err != nil {
		return err
	}
	return c.App.Save(item)
}

// An app that syncs: declare, register, serve. Here a phone adds two things,
// one of them against a rule, loses the reply and sends both again; then it
// pulls. The second answer is a duplicate of the first, and nothing is there twice.
func Example() {
	url, token, stop := serve(groceries())
	defer stop()

	batch := `{"device": "phone0000000001", "mutations": [
		{"n": 1, "name": "item.add", "at": "2026-11-22T10:00:00Z", "args": {"id": "item00000000001", "list": "list00000000001", "what": "rye bread"}},
		{"n": 2, "name": "item.add", "at": "2026-11-22T10:01:00Z", "args": {"id": "item00000000002", "list": "list00000000001", "what": ""}}]}`
	for range 2 {
		var reply struct{ Outcomes []sync.Outcome }
		if err := json.Unmarshal(call("POST", url+"/api/sync/push", token, batch), &reply); err != nil {
			fmt.Println(err)
		}
		for _, o := range reply.Outcomes {
			fmt.Println(strings.TrimSpace(fmt.Sprint(o.N, " ", o.Result, " ", o.Reason)))
		}
	}
	page := call("GET", url+"/api/sync/pull", token, "")
	page = regexp.MustCompile(`,?"(cursor|epoch|at|seq|sum)":("[^"]*"|\d+|\[[^]]*])`).ReplaceAll(page, nil)
	fmt.Println(string(regexp.MustCompile(`",\d+,`).ReplaceAll(page, []byte(`",N,`))))

	// Output:
	// 1 applied
	// 2 rejected item.nothing
	// 1 duplicate
	// 2 duplicate
	// {"t":"bucket","b":"list:list00000000001"}
	// {"t":"cols","c":"lists","k":["title"]}
	// {"t":"rows","c":"lists","r":[["list00000000001",N,"Home"]]}
	// {"t":"cols","c":"items","k":["list","what","bought"]}
	// {"t":"rows","c":"items","r":[["item00000000001",N,"list00000000001","rye bread",false]]}
	// {"t":"end"}
}

// Two people renamed the same thing without having heard of each other. The
// last one stands, and is told what it wrote over.
func ExampleMerge() {
	value, how := sync.Merge(sync.Scalar, "milk", "oat milk", "whole milk")
	fmt.Println(value, how)

	value, how = sync.Merge(sync.Set, []any{"milk"}, []any{"milk", "bread"}, []any{"milk", "eggs"})
	fmt.Println(value, how)

	value, how = sync.Merge(sync.Guarded, "open", "closed", "paid")
	fmt.Println(value, how)

	value, how = sync.Merge(sync.State, "open", "packed", "sent", "open", "packed")
	fmt.Println(value, how)

	// Output:
	// whole milk merged
	// [milk bread eggs] clean
	// closed stale
	// sent clean
}

// A refusal is an answer, and is kept for a person; any other error is a
// failure, and is tried again.
func ExampleReject() {
	refuse := sync.Handle("list.close", func(c *sync.Context, a struct {
		ID string `json:"id"`
	}) error {
		return sync.Reject(sync.CodeRule, "list.has_items")
	})
	config := groceries()
	config.Mutations = append(config.Mutations, refuse)
	url, token, stop := serve(config)
	defer stop()
	reply := call("POST", url+"/api/sync/push", token, `{"device": "phone0000000001", "mutations": [
		{"n": 1, "name": "list.close", "at": "2026-11-22T10:00:00Z", "args": {"id": "list00000000001"}}]}`)
	fmt.Println(regexp.MustCompile(`"(seq|epoch|at)":[^,}]+,?`).ReplaceAllString(string(reply), ""))

	// Output:
	// {"outcomes":[{"n":1,"result":"rejected","code":"rule","reason":"list.has_items"}]}
}

// serve is what main.go does, on a folder and a port of its own.
func serve(config sync.Config) (url, token string, stop func()) {
	dir, err := os.MkdirTemp(templateRoot, "groceries")
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir})
	err = errors.Join(err, app.Bootstrap(), app.RunAllMigrations(), shop(app))
	if err == nil {
		_, err = sync.Register(app, config)
	}
	router, err2 := apis.NewRouter(app)
	if err = errors.Join(err, err2); err != nil {
		panic(err)
	}
	var mux http.Handler
	err = app.OnServe().Trigger(&core.ServeEvent{App: app, Router: router}, func(e *core.ServeEvent) (err error) {
		mux, err = e.Router.BuildMux()
		return err
	})
	user, err2 := app.FindRecordById("users", "user00000000001")
	if err = errors.Join(err, err2); err == nil {
		token, err = user.NewAuthToken()
	}
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(mux)
	return server.URL, token, func() {
		server.Close()
		end := func(e *core.TerminateEvent) error { return e.App.ResetBootstrapState() }
		if err := app.OnTerminate().Trigger(&core.TerminateEvent{App: app}, end); err != nil {
			panic(err)
		}
	}
}

// shop makes the collections and one household.
func shop(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	lists, items := core.NewBaseCollection("lists"), core.NewBaseCollection("items")
	lists.Fields.Add(&core.TextField{Name: "title"}, &core.RelationField{Name: "people", CollectionId: users.Id, MaxSelect: 20})
	if err := app.Save(lists); err != nil {
		return err
	}
	items.Fields.Add(&core.RelationField{Name: "list", CollectionId: lists.Id, MaxSelect: 1, CascadeDelete: true},
		&core.TextField{Name: "what"}, &core.BoolField{Name: "bought"})
	user, list := core.NewRecord(users), core.NewRecord(lists)
	user.Load(map[string]any{"id": "user00000000001", "email": "home@demo.example", "password": "shopping-demo"})
	list.Load(map[string]any{"id": "list00000000001", "title": "Home", "people": []string{user.Id}})
	return errors.Join(app.Save(items), app.Save(user), app.Save(list))
}

func call(method, url, token, body string) []byte {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		panic(err)
	}
	return bytes.TrimRight(out, "\n")
}

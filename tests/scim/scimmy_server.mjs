// Copyright (c) 2026, The rollcall.identity authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// scimmy-routers on express, as their documentation shows, with a store in memory. Paths, filters, pages and PATCH are theirs.
//
//     node scimmy_server.mjs TOKEN
//
// NODE_PATH is of no use to ES modules: the folder of this file must hold, or lie beside, node_modules. It listens on a free port
// of 127.0.0.1, prints it, and ends when its standard input does. POST /reset empties the store.

import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const token = process.argv[2];
const stores = { User: new Map(), Group: new Map() };
const keys = { User: "userName", Group: "displayName" };

function notFound(id) {
    return new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);
}

function ingress(kind) {
    return (resource, instance) => {
        const store = stores[kind], key = keys[kind], name = String(instance[key]).toLowerCase();
        const before = resource.id ? store.get(resource.id) : undefined;
        if (resource.id && !before) throw notFound(resource.id);
        for (const other of store.values()) {
            if (other.id !== resource.id && String(other[key]).toLowerCase() === name)
                throw new SCIMMY.Types.Error(409, "uniqueness", `${key} is in use`);
        }
        const now = new Date().toISOString();
        const { schemas, id, meta, ...values } = JSON.parse(JSON.stringify(instance));
        const entry = { ...values, id: before?.id ?? randomUUID(), meta: { created: before?.meta.created ?? now, lastModified: now } };
        store.set(entry.id, entry);
        return entry;
    };
}

function egress(kind) {
    return (resource) => {
        const all = [...stores[kind].values()].map((entry) => ({ ...entry, meta: { ...entry.meta } }));
        if (!resource.id) return resource.filter ? resource.filter.match(all) : all;
        const found = all.find((entry) => entry.id === resource.id);
        if (!found) throw notFound(resource.id);
        return found;
    };
}

function degress(kind) {
    return (resource) => {
        if (!stores[kind].delete(resource.id)) throw notFound(resource.id);
        for (const group of stores.Group.values())
            group.members = group.members?.filter((member) => member.value !== resource.id);
    };
}

SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
for (const kind of ["User", "Group"])
    SCIMMY.Resources.declare(SCIMMY.Resources[kind], { ingress: ingress(kind), egress: egress(kind), degress: degress(kind) });

const app = express();
app.set("query parser", "simple");
app.post("/reset", (request, response) => {
    for (const store of Object.values(stores)) store.clear();
    response.send("");
});
app.use("/scim/v2", new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("The token is not accepted");
        return "somebody";
    },
}));
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();

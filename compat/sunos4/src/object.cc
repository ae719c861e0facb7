// SPDX-License-Identifier: MIT

#include "object.h"

#include <climits>
#include <cstdlib>
#include <cstring>

namespace lwp4 {
namespace {

constexpr int kKinds = 5;
constexpr size_t kChunk = 32;  // objects at a time
constexpr size_t kAlignment = 16;

struct Population {
  Object* first = nullptr;
  Object* last = nullptr;
  int count = 0;
  Object* free = nullptr;
};
Population g_populations[kKinds];

// Chains by key; the number of chains is a power of two.
Object* g_first_chains[64];
Object** g_chains = g_first_chains;
unsigned g_chain_count = 64;
unsigned g_known = 0;
int g_last_key = 0;

Population& Of(Kind kind) {
  return g_populations[static_cast<int>(kind)];
}

Object*& ChainOf(int key) {
  return g_chains[static_cast<unsigned>(key) & (g_chain_count - 1)];
}

// Twice the chains, if there is memory; longer chains otherwise.
void Grow() {
  const unsigned count = 2 * g_chain_count;
  auto** chains = static_cast<Object**>(std::calloc(count, sizeof(Object*)));
  if (chains == nullptr) return;
  for (unsigned i = 0; i < g_chain_count; ++i) {
    while (Object* object = g_chains[i]) {
      g_chains[i] = object->same_key;
      Object*& chain = chains[static_cast<unsigned>(object->key) & (count - 1)];
      object->same_key = chain;
      chain = object;
    }
  }
  if (g_chains != g_first_chains) std::free(g_chains);
  g_chains = chains;
  g_chain_count = count;
}

Object* WithKey(int key) {
  Object* object = ChainOf(key);
  while (object != nullptr && object->key != key) object = object->same_key;
  return object;
}

bool MakeFree(Population& population, size_t bytes) {
  bytes = (bytes + kAlignment - 1) & ~(kAlignment - 1);
  auto* memory = static_cast<char*>(std::calloc(kChunk, bytes));
  if (memory == nullptr) return false;
  // INV-OB1: never freed.  The lowest address is used first.
  for (size_t i = kChunk; i-- > 0;) {
    auto* object = reinterpret_cast<Object*>(memory + i * bytes);
    object->next = population.free;
    population.free = object;
  }
  return true;
}

}  // namespace

Object* FirstOf(Kind kind) {
  return Of(kind).first;
}

int CountOf(Kind kind) {
  return Of(kind).count;
}

Object* FindObject(const Handle& handle, Kind kind, Kind or_kind) {
  Object* object = WithKey(handle.key);
  if (object == nullptr || reinterpret_cast<char*>(object) != handle.id ||
      (object->kind != kind && object->kind != or_kind)) {
    return nullptr;
  }
  return object;
}

int FreshKey() {
  do {
    g_last_key = g_last_key == INT_MAX ? 1 : g_last_key + 1;
  } while (WithKey(g_last_key) != nullptr);
  return g_last_key;
}

Object* NewObjectMemory(Kind kind, size_t bytes) {
  Population& population = Of(kind);
  if (population.free == nullptr && !MakeFree(population, bytes)) {
    return nullptr;
  }
  if (g_known >= g_chain_count) Grow();
  Object* object = population.free;
  population.free = object->next;
  object->kind = kind;
  object->key = FreshKey();
  object->next = nullptr;
  object->prev = population.last;
  (population.last != nullptr ? population.last->next : population.first) =
      object;
  population.last = object;
  ++population.count;
  Object*& chain = ChainOf(object->key);
  object->same_key = chain;
  chain = object;
  ++g_known;
  return object;
}

void ForgetObject(Object& object) {
  Population& population = Of(object.kind);
  (object.prev != nullptr ? object.prev->next : population.first) = object.next;
  (object.next != nullptr ? object.next->prev : population.last) = object.prev;
  --population.count;
  Object** link = &ChainOf(object.key);
  while (*link != &object) link = &(*link)->same_key;
  *link = object.same_key;
  --g_known;
}

void FreeObject(Object& object) {
  ForgetObject(object);
  Population& population = Of(object.kind);
  object.kind = Kind::kFree;
  object.next = population.free;
  population.free = &object;
}

int Enumerate(Kind kind, Handle* vec, int most) {
  if (vec == nullptr) most = 0;
  int filled = 0;
  for (Object* object = FirstOf(kind); object != nullptr && filled < most;
       object = object->next) {
    vec[filled++] = object->handle();
  }
  return CountOf(kind);
}

}  // namespace lwp4

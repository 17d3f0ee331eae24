//! Stored structs are read by the names of their fields: an object alone will do. Serde by itself takes an array for a
//! struct as well, by position.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

struct ByName<T>(T);

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = ByName<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(ByName)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByName<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Object(PhantomData))
    }
}

/// Reads a struct.
///
/// # Errors
/// It is no object, or not this struct.
pub fn one<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    ByName::deserialize(from).map(|ByName(read)| read)
}

/// Reads a list of structs.
///
/// # Errors
/// It is no array, or an element isn't an object or not this struct.
pub fn each<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let read = Vec::<ByName<T>>::deserialize(from)?;
    Ok(read.into_iter().map(|ByName(read)| read).collect())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Pair {
        one: i64,
        #[serde(default)]
        two: i64,
    }

    #[test]
    fn a_struct_is_an_object() {
        let read = |json: Value| super::one::<Pair, _>(json).map_err(|error| error.to_string());
        assert_eq!(read(json!({"one": 1})), Ok(Pair { one: 1, two: 0 }));
        assert_eq!(read(json!([1, 2])), Err("invalid type: sequence, expected an object".to_owned()));
        for bad in [json!([]), json!(null), json!(1), json!({}), json!({"one": 1, "three": 3})] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_list_of_structs_is_an_array_of_objects() {
        let read = |json: Value| super::each::<Pair, _>(json).ok();
        assert_eq!(read(json!([{"one": 1}, {"one": 2, "two": 3}])).map(|pairs| pairs.len()), Some(2));
        assert_eq!(read(json!([[1, 2]])), None);
        assert_eq!(read(json!({"one": 1})), None);
    }
}

//! Enums whose numbers on disk are written down beside their variants.
//!
//! serde's derive would number variants by the order they stand in, so that a variant put between
//! two others would change what old bytes mean. Here the numbers do not move. They begin with 1:
//! a zero is no variant of anything.

/// An enum on disk. Its number comes first, then its fields.
macro_rules! pinned {
    ($(#[$doc:meta])* enum $name:ident $(<$life:lifetime>)? {
        $($number:literal = $variant:ident $({ $($field:ident: $kind:ty),+ })?),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) enum $name $(<$life>)? {
            $($variant $({ $($field: $kind),+ })?),+
        }

        #[cfg(test)]
        impl $(<$life>)? $name $(<$life>)? {
            /// Every number there is.
            pub(super) const NUMBERS: &'static [u8] = &[$($number),+];
        }

        impl $(<$life>)? serde::Serialize for $name $(<$life>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant $({ $($field),+ })? => serializer.serialize_newtype_variant(
                        stringify!($name),
                        $number,
                        stringify!($variant),
                        &($($($field,)+)?),
                    ),)+
                }
            }
        }

        impl<'de $(: $life, $life)?> serde::Deserialize<'de> for $name $(<$life>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Numbered $(<$life>)? (core::marker::PhantomData<$name $(<$life>)?>);

                impl<'de $(: $life, $life)?> serde::de::Visitor<'de> for Numbered $(<$life>)? {
                    type Value = $name $(<$life>)?;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str(concat!("the number of a ", stringify!($name)))
                    }

                    fn visit_enum<A: serde::de::EnumAccess<'de>>(
                        self,
                        data: A,
                    ) -> Result<Self::Value, A::Error> {
                        let (number, fields): (u32, _) = data.variant()?;
                        match number {
                            $($number => {
                                let ($($($field,)+)?): ($($($kind,)+)?) =
                                    serde::de::VariantAccess::newtype_variant(fields)?;
                                Ok($name::$variant $({ $($field),+ })?)
                            })+
                            other => Err(serde::de::Error::custom(format_args!(
                                concat!("{} is no ", stringify!($name)),
                                other
                            ))),
                        }
                    }
                }

                deserializer.deserialize_enum(
                    stringify!($name),
                    &[$(stringify!($variant)),+],
                    Numbered(core::marker::PhantomData),
                )
            }
        }
    };
}

/// Enums on disk that have the variants of the enum of the same name in `fleet`, and no fields.
macro_rules! pinned_mirrors {
    ($($name:ident { $($number:literal = $variant:ident),+ $(,)? })+) => {$(
        pinned! { enum $name { $($number = $variant),+ } }

        impl From<fleet::$name> for $name {
            fn from(value: fleet::$name) -> Self {
                match value {
                    $(fleet::$name::$variant => Self::$variant),+
                }
            }
        }

        impl From<$name> for fleet::$name {
            fn from(stored: $name) -> Self {
                match stored {
                    $($name::$variant => Self::$variant),+
                }
            }
        }
    )+};
}

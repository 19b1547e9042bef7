//! The 52 provinces: INE code, autonomous community, and how many customers live there.

/// A province of Spain.
#[derive(Debug, Clone, Copy)]
pub struct Province {
    /// INE code, 1 to 52.
    pub code: u8,
    /// Autonomous community, as the attributes file writes it.
    pub region: &'static str,
    /// Relative population.
    weight: f64,
}

const fn province(code: u8, region: &'static str, weight: f64) -> Province {
    Province { code, region, weight }
}

const ANDALUCIA: &str = "Andalucía";
const ARAGON: &str = "Aragón";
const CASTILLA_LA_MANCHA: &str = "Castilla-La Mancha";
const CASTILLA_Y_LEON: &str = "Castilla y León";
const CATALUNA: &str = "Cataluña";
const EXTREMADURA: &str = "Extremadura";
const GALICIA: &str = "Galicia";
const PAIS_VASCO: &str = "País Vasco";
const VALENCIANA: &str = "Comunidad Valenciana";
const CANARIAS: &str = "Canarias";

/// Every province, by code.
pub const PROVINCES: [Province; 52] = [
    province(1, PAIS_VASCO, 3.3),
    province(2, CASTILLA_LA_MANCHA, 3.9),
    province(3, VALENCIANA, 19.0),
    province(4, ANDALUCIA, 7.3),
    province(5, CASTILLA_Y_LEON, 1.6),
    province(6, EXTREMADURA, 6.7),
    province(7, "Illes Balears", 12.0),
    province(8, CATALUNA, 56.0),
    province(9, CASTILLA_Y_LEON, 3.6),
    province(10, EXTREMADURA, 3.9),
    province(11, ANDALUCIA, 12.5),
    province(12, VALENCIANA, 5.9),
    province(13, CASTILLA_LA_MANCHA, 4.9),
    province(14, ANDALUCIA, 7.7),
    province(15, GALICIA, 11.2),
    province(16, CASTILLA_LA_MANCHA, 2.0),
    province(17, CATALUNA, 7.9),
    province(18, ANDALUCIA, 9.2),
    province(19, CASTILLA_LA_MANCHA, 2.7),
    province(20, PAIS_VASCO, 7.2),
    province(21, ANDALUCIA, 5.3),
    province(22, ARAGON, 2.2),
    province(23, ANDALUCIA, 6.2),
    province(24, CASTILLA_Y_LEON, 4.5),
    province(25, CATALUNA, 4.4),
    province(26, "La Rioja", 3.2),
    province(27, GALICIA, 3.2),
    province(28, "Comunidad de Madrid", 67.0),
    province(29, ANDALUCIA, 17.0),
    province(30, "Región de Murcia", 15.3),
    province(31, "Comunidad Foral de Navarra", 6.6),
    province(32, GALICIA, 3.0),
    province(33, "Principado de Asturias", 10.0),
    province(34, CASTILLA_Y_LEON, 1.6),
    province(35, CANARIAS, 11.3),
    province(36, GALICIA, 9.4),
    province(37, CASTILLA_Y_LEON, 3.3),
    province(38, CANARIAS, 10.5),
    province(39, "Cantabria", 5.9),
    province(40, CASTILLA_Y_LEON, 1.5),
    province(41, ANDALUCIA, 19.5),
    province(42, CASTILLA_Y_LEON, 0.9),
    province(43, CATALUNA, 8.2),
    province(44, ARAGON, 1.3),
    province(45, CASTILLA_LA_MANCHA, 7.2),
    province(46, VALENCIANA, 26.0),
    province(47, CASTILLA_Y_LEON, 5.2),
    province(48, PAIS_VASCO, 11.5),
    province(49, CASTILLA_Y_LEON, 1.7),
    province(50, ARAGON, 9.7),
    province(51, "Ceuta", 0.8),
    province(52, "Melilla", 0.8),
];

/// Share of customers in the provinces with high competition (published: 30.27 %).
const HIGH_COMPETITION_SHARE: f64 = 6_083.0 / 20_099.0;

impl Province {
    /// Madrid, Barcelona and Valencia.
    pub fn is_high_competition(&self) -> bool {
        matches!(self.code, 8 | 28 | 46)
    }

    /// Where this province stands in [`PROVINCES`].
    pub fn index(&self) -> usize {
        usize::from(self.code) - 1
    }
}

/// The share of customers of each province; they sum to 1.
pub fn customer_shares() -> [f64; 52] {
    let total =
        |high: bool| -> f64 { PROVINCES.iter().filter(|p| p.is_high_competition() == high).map(|p| p.weight).sum() };
    let (total_high, total_other) = (total(true), total(false));
    PROVINCES.map(|p| {
        if p.is_high_competition() {
            p.weight / total_high * HIGH_COMPETITION_SHARE
        } else {
            p.weight / total_other * (1.0 - HIGH_COMPETITION_SHARE)
        }
    })
}
